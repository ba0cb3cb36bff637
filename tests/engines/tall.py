#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# tall.py - an image with many layers of one small file each, in an OCI layout;
# a build would take minutes.
#
#	tall.py LAYOUT FROM NAME COUNT      FROM's layers, and COUNT more

import copy
import hashlib
import io
import json
import pathlib
import sys
import tarfile

OCI = "application/vnd.oci.image."
NAME = "org.opencontainers.image.ref.name"


def main():
    layout, source, name, count = sys.argv[1:]
    layout = pathlib.Path(layout)

    def put(kind, data):
        digest = hashlib.sha256(data).hexdigest()
        (layout / "blobs/sha256" / digest).write_bytes(data)
        return {
            "mediaType": OCI + kind,
            "digest": "sha256:" + digest,
            "size": len(data),
        }

    def get(descriptor):
        return json.loads(
            (layout / "blobs" / descriptor["digest"].replace(":", "/")).read_text()
        )

    index = json.loads((layout / "index.json").read_text())
    found = next(
        m
        for m in index["manifests"]
        if m.get("annotations", {}).get(NAME) == source
    )
    manifest = copy.deepcopy(get(found))
    config = get(manifest["config"])
    for number in range(int(count)):
        data = io.BytesIO()
        with tarfile.open(fileobj=data, mode="w") as layer:
            file = tarfile.TarInfo(f"file{number}")
            file.size, file.mode = len(str(number)), 0o644
            layer.addfile(file, io.BytesIO(str(number).encode()))
        blob = put("layer.v1.tar", data.getvalue())
        manifest["layers"].append(blob)
        config["rootfs"]["diff_ids"].append(blob["digest"])
    config.pop("history", None)  # or there would have to be a line for each
    config["config"].setdefault("Labels", {})["name"] = name
    manifest["config"] = put("config.v1+json", json.dumps(config).encode())
    tall = put("manifest.v1+json", json.dumps(manifest).encode())
    tall["annotations"] = {NAME: name}
    index["manifests"].append(tall)
    (layout / "index.json").write_text(json.dumps(index))


main()
