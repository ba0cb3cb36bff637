#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# crictl.py - `crictl runp FILE` and `rmp --force ID`, as far as garita doctor
# needs them: no package of Debian 12 has crictl. The service is the real one.

import json
import os
import subprocess
import sys
import tempfile

CRI = os.environ.get("GARITA_CRI", os.path.join(os.path.dirname(__file__), "cri.py"))


def call(socket, method, message):
    with tempfile.TemporaryDirectory() as home:
        ask, answer = home + "/ask", home + "/answer"
        os.mkfifo(ask)
        os.mkfifo(answer)
        server = subprocess.Popen(["/usr/bin/python3", CRI, socket, ask, answer])
        try:
            with open(ask, "w", encoding="utf-8") as fifo:
                fifo.write(method + "\n" + json.dumps(message))
            with open(answer, encoding="utf-8") as fifo:
                code, _, text = fifo.read().partition("\n")
        finally:
            server.kill()
            server.wait()
    if code != "0":
        sys.exit("FATA[0000] run pod sandbox: " + text.replace("\n", " "))
    return text.strip()


def sandbox(pod):
    names = pod["metadata"]
    context = pod["linux"].get("security_context", {})
    options = context.get("namespace_options", {})
    fields = {key: options[name] for key, name in
              (("1", "network"), ("2", "pid"), ("3", "ipc")) if name in options}
    linux = {"2": {"1": fields, "6": int(context.get("privileged", False))}}
    return {"1": {"1": {"1": names["name"], "2": names["uid"],
                        "3": names["namespace"]}, "8": linux}}


def main():
    option, endpoint, verb, *rest = sys.argv[1:]
    assert option == "--runtime-endpoint"
    socket = endpoint.removeprefix("unix://")
    if verb == "runp":
        print(call(socket, "RunPodSandbox", sandbox(json.load(open(rest[0])))))
    else:
        assert verb == "rmp" and rest[0] == "--force"
        call(socket, "StopPodSandbox", {"1": rest[1]})
        call(socket, "RemovePodSandbox", {"1": rest[1]})


main()
