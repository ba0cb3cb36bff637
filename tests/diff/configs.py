# SPDX-License-Identifier: LGPL-2.1-or-later
"""configs - config.json and process.json as nobody would write them.

make_config() and make_process() begin with a good text and change it, by a
random.Random that the caller seeds: some changes mean the same, some another
container, some are wrong in the ways of json.tsv or in ways nobody thought of.
strict() reads a text as the standard has it, and expected() says what a
container made by it is, as far as that is one thing whatever the runtime:
fields of tests/programs/look.c.
"""
import copy
import json

CAPS = {"CAP_CHOWN": 0, "CAP_KILL": 5, "CAP_NET_RAW": 13, "CAP_SYS_ADMIN": 21}
CAP_SETS = ("bounding", "effective", "inheritable", "permitted", "ambient")
LIMITS = {"RLIMIT_CORE": "4", "RLIMIT_MEMLOCK": "8"}  # not NOFILE, which Go changes for itself
NAMESPACES = {"pid": "pid", "ipc": "ipc", "uts": "uts", "network": "net", "user": "user",
              "cgroup": "cgroup", "time": "time"}


class Raw(str):
    """Text that stands in the config as it is."""


class Members(list):
    """An object: pairs, so that a key may be there twice."""


def limit(kind, hard, soft):
    return Members([("type", kind), ("hard", hard), ("soft", soft)])


def base_process():
    return Members([
        ("terminal", False),
        ("user", Members([("uid", 1000), ("gid", 1000), ("umask", 0o22), ("additionalGids", [7])])),
        ("args", ["/bin/look", "A"]),
        ("env", ["PATH=/bin", "A=1"]),
        ("cwd", "/"),
        ("rlimits", [limit("RLIMIT_CORE", 0, 0), limit("RLIMIT_MEMLOCK", 1024, 512)]),
        ("capabilities", Members([(name, ["CAP_KILL"]) for name in CAP_SETS])),
        ("noNewPrivileges", True),
        ("oomScoreAdj", 100),
    ])


def mount(destination, kind, source, *options):
    return Members([("destination", destination), ("type", kind), ("source", source), ("options", list(options))])


def base(at):
    return Members([
        ("ociVersion", "1.0.2"),
        ("process", base_process()),
        ("root", Members([("path", f"{at}/rootfs"), ("readonly", True)])),
        ("hostname", "look"),
        ("mounts", [
            mount("/proc", "proc", "proc"),
            mount("/mnt", "bind", f"{at}/shared", "bind", "ro"),
            mount("/dev", "tmpfs", "tmpfs", "nosuid", "mode=755", "size=65536k"),
            mount("/cgroup", "bind", "/sys/fs/cgroup", "rbind", "ro"),
        ]),
        ("linux", Members([
            ("namespaces", [Members([("type", name)]) for name in ("pid", "mount", "ipc", "uts", "network")]),
            ("sysctl", Members([("net.ipv4.ip_unprivileged_port_start", "1000")])),
            ("devices", [Members([("path", "/dev/x"), ("type", "c"), ("major", 1), ("minor", 3),
                                  ("fileMode", 0o666), ("uid", 0), ("gid", 0)])]),
            ("resources", Members([("pids", Members([("limit", 100)]))])),
            ("seccomp", Members([
                ("defaultAction", "SCMP_ACT_ALLOW"),
                ("syscalls", [
                    Members([("names", ["keyctl"]), ("action", "SCMP_ACT_ERRNO"), ("errnoRet", 77)]),
                    Members([("names", ["getpriority"]), ("action", "SCMP_ACT_ERRNO"), ("errnoRet", 78),
                             ("args", [Members([("index", 2), ("value", 2**32 + 1), ("op", "SCMP_CMP_EQ")])])]),
                ]),
            ])),
        ])),
    ])


def containers(node):
    """Every object and every array in it."""
    if isinstance(node, (Members, list)):
        yield node
        for item in node:
            yield from containers(item[1] if isinstance(node, Members) else item)


def find(tree, *keys):
    for key in keys:
        tree = next(value for name, value in tree if name == key)
    return tree


def put(members, key, value):
    members[:] = [(name, value if name == key else old) for name, old in members]


def process_of(tree):
    """Of a config; a process is its own."""
    return next((value for name, value in tree if name == "process"), tree)


# ---- one change each ----

NUMBERS = ["0", "-0", "1", "1000", "1e3", "1E+3", "1000.0", "1e-1", "1e400", "+1", "01", "00", "-1", "-01", "--1",
           "2147483647", "2147483648", "-2147483648", "-2147483649", "4294967295", "4294967296", "4294968296",
           "18446744073709551615", "18446744073709551616", "-9223372036854775808", "9223372036854775807",
           "9223372036854775808", "0x10", "1_000", "١", "1000\u0660", "1E0", "true", "null", '"1"', '"0x1"', "[]",
           "{}", "[1]", "1.", ".5", "- 1", "1 000", "Infinity", "-NaN", "1000" + "0" * 40, "0." + "0" * 400 + "1"]
STRINGS = ['"B"', '"\\u0042"', '"\\/"', '"\\ud83d\\ude00"', '"😀"', '"\\ud800"', '"\\udc00x"', '"\\ude00\\ud83d"',
           '"A\\u0000B"', '"\\u0000"', '"\\t"', '"A\tB"', '"\\x41"', '"\\u004"', '"\\U00000042"', "'B'", '"é"',
           '"e\u0301"', '"\\"', '"\u2028"', '""', '" "', '"\\u00e9"', '"\\ufeff"', "null", "1", '["B"]', '"B',
           '"\x7f"', '"\\uD83D"', '"\\uFFFF"', '"\\ufffd"', '"\\u0001"', '"\\a"', '"\\\\"', '"B\\\n"', "B", '"B""C"',
           '"\\b\\f\\n\\r\\t"', '"' + "x" * 70000 + '"', '"\U0010ffff"', '"\\u006E\\u006e"']
BYTES = [b"\xff", b"\xc0\xaf", b"\xc0\x80", b"\xed\xa0\x80", b"\xed\xa0\xbd\xed\xb8\x80", b"\xf4\x90\x80\x80",
         b"\xe2\x82", b"\x80", b"\xf0\x9f\x98\x80", b"\xef\xbf\xbd", b"\xf8\x88\x80\x80\x80", b"\0", b"\xc3"]
BOOLEANS = ["true", "false", "null", "TRUE", "True", '"true"', '"false"', "1", "0", "-0", "[]", "tru", '""', "truex"]
SPACES = ["\t", "\r\n", "\f", "\v", "\u00a0", "\ufeff", "\u2028", "\u0085", "/**/", "//\n", "#\n", "\0", "\x1e", "\x7f"]
BEHIND = ["\n", "  ", "x", "{}", ",", "]", "\0", "\0{}", "//", "\x1a", "\ufeff", "null", "\n{\"process\":{}}"]
ENCODINGS = ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7"]


def spell(rng, key):
    """The key so that some reader takes it for itself, or for nothing."""
    at = rng.randrange(len(key)) if key else 0
    return rng.choice([
        key.upper, key.capitalize, key.lower, key.title,
        lambda: key[:at] + key[at:at + 1].swapcase() + key[at + 1:],
        lambda: key.replace("s", "\u017f", 1), lambda: key.replace("k", "\u212a", 1),
        lambda: key.replace("i", "\u0131", 1), lambda: key.replace("i", "\u0130", 1),
        lambda: key.replace("a", "\u0430", 1), lambda: key[:at] + "\u00ad" + key[at:],
        lambda: key + "\0", lambda: key + "\0x", lambda: key[:at] + "\0" + key[at:],
        lambda: key + " ", lambda: " " + key, lambda: "\ufeff" + key, lambda: key + "\u0301",
        lambda: key + "x", lambda: key[:-1], lambda: key.replace("A", "_a"), lambda: key.replace("A", "-a"),
    ])()


def some_members(rng, tree):
    return rng.choice([node for node in containers(tree) if isinstance(node, Members)])


def twice(rng, tree):
    node = some_members(rng, tree)
    key, value = rng.choice(node)
    other = rng.choice([value, Raw("null"), Raw("{}"), Raw("[]"), Raw("0"), Raw('"x"')])
    name = key if rng.random() < 0.3 else spell(rng, key)
    node.insert(rng.randrange(len(node) + 1), (name, other))


def renamed(rng, tree):
    node = some_members(rng, tree)
    at = rng.randrange(len(node))
    node[at] = (spell(rng, node[at][0]), node[at][1])


def elsewhere(rng, tree):
    """A member of one object, in another."""
    some_members(rng, tree).append(copy.deepcopy(rng.choice(some_members(rng, tree))))


def escaped(rng, tree):
    """Means the same: keys and texts by their numbers."""
    def by_numbers(text):
        units = text.encode("utf-16-be")
        form = rng.choice(["\\u{:04x}", "\\u{:04X}"])
        return Raw('"' + "".join(form.format(units[i] << 8 | units[i + 1]) for i in range(0, len(units), 2)) + '"')

    node = rng.choice([node for node in containers(tree) if len(node) > 0])
    at = rng.randrange(len(node))
    if isinstance(node, Members):
        key, value = node[at]
        if isinstance(value, str) and not isinstance(value, Raw) and rng.random() < 0.5:
            node[at] = (key, by_numbers(value))
        else:
            node[at] = (by_numbers(key), value)
    elif isinstance(node[at], str) and not isinstance(node[at], Raw):
        node[at] = by_numbers(node[at])


def shuffled(rng, tree):
    """Means the same."""
    rng.shuffle(some_members(rng, tree))


def more(rng, tree):
    depth = rng.choice([0, 1, 20, 26, 27, 28, 29, 30, 31, 32, 33, 64, 200])
    key = rng.choice(["x", "x-args", "annotations", "é", "", "process.args", "/process", "args[0]", "__proto__"])
    value = Raw(rng.choice(["[" * depth + "1" + "]" * depth, '{"x":' * depth + "1" + "}" * depth]))
    if key == "annotations":
        value = Members([(rng.choice(["a", "A", "args", "ARGS"]), rng.choice(["1", Raw("1")]))
                         for _ in range(2)])
    some_members(rng, tree).append((key, value))


def number(rng, tree):
    user = find(process_of(tree), "user")
    where = rng.choice([(user, "uid"), (user, "gid"), None])
    if where:
        put(where[0], where[1], Raw(rng.choice(NUMBERS)))
    else:
        value = Raw(rng.choice(NUMBERS))
        for one in find(process_of(tree), "rlimits"):
            put(one, "hard", value)
            put(one, "soft", rng.choice([value, Raw("0")]))


def leaf(rng, tree):
    """Any value, by one of its own type, or of another. Not where the root is."""
    node = rng.choice([node for node in containers(tree) if len(node) > 0])
    at = rng.randrange(len(node))
    key, value = node[at] if isinstance(node, Members) else (None, node[at])
    if key in ("path", "ociVersion") or value == "/bin/look":
        return
    if isinstance(value, bool):
        new = Raw(rng.choice(BOOLEANS))
    elif isinstance(value, int):
        new = Raw(rng.choice(NUMBERS))
    elif isinstance(value, str) and not isinstance(value, Raw) and rng.random() < 0.7:
        new = spell(rng, value)
    else:
        new = Raw(rng.choice(["null", "{}", "[]", '""', "0", "true", "[[]]", "[null]", '[""]', "{\"\":1}"]))
    node[at] = (key, new) if isinstance(node, Members) else new


def another(rng, tree):
    """A good value of its own for something: another container."""
    process = process_of(tree)
    user, caps = find(process, "user"), find(process, "capabilities")
    changes = [
        lambda: put(user, "uid", rng.choice([0, 1, 65534, 2147483647])),
        lambda: put(user, "gid", rng.choice([0, 1, 2147483647])),
        lambda: put(user, "umask", rng.choice([0, 0o77, 0o777, 0o27, 18, 22])),
        lambda: put(user, "additionalGids", rng.choice([[], [1, 2, 3], [0], [2147483647], [5, 4], [6, 6]])),
        lambda: put(process, "oomScoreAdj", rng.choice([0, 1000, 1, 999])),
        lambda: put(process, "cwd", rng.choice(["/bin", "/bin/", "//bin/.", "/bin/..", "/mnt"])),
        lambda: put(process, "env", rng.choice([[], ["A=1", "A=2"], ["A="], ["=A"], ["A"], ["PATH=/x", "é=é"],
                                                ["A=a b\tc\"'\\"], ["A=\u2028\x7f"], ["LD_PRELOAD=/x"]])),
        lambda: put(process, "rlimits", rng.choice([[limit("RLIMIT_MEMLOCK", 100, 99)],
                                                    [limit("RLIMIT_CORE", 2**63, 2**63 - 1)],
                                                    [limit("RLIMIT_CORE", 2**64 - 1, 512)]])),
        lambda: put(process, "args", ["/bin/look", rng.choice(["", "a b", "\\", "é", "\x01", "\"", "😀"])]),
        lambda: put(caps, rng.choice(CAP_SETS), rng.choice([[], ["CAP_CHOWN"], list(CAPS), ["CAP_KILL"] * 2])),
        lambda: put(process, "noNewPrivileges", False),
    ]
    if process is not tree:
        linux = find(tree, "linux")
        changes += [
            lambda: put(find(tree, "root"), "readonly", False),
            lambda: put(tree, "hostname", rng.choice(["a", "a.b", "x" * 64, "é"])),
            lambda: put(linux, "sysctl", Members([("net.ipv4.ip_unprivileged_port_start",
                                                   rng.choice(["0", "1", "80"]))])),
            lambda: put(find(linux, "devices")[0], rng.choice(["major", "minor"]), rng.choice([1, 5, 255])),
            lambda: put(find(linux, "devices")[0], "fileMode", rng.choice([0, 0o600, 384, 600, 0o4755])),
            lambda: put(find(linux, "devices")[0], rng.choice(["uid", "gid"]), rng.choice([1000, 2147483647])),
            lambda: put(find(linux, "resources"), "pids", Members([("limit", rng.choice([20, 1000, 4194304]))])),
            lambda: put(find(linux, "seccomp", "syscalls")[0], "errnoRet", rng.choice([1, 2, 133, 4095])),
            lambda: put(find(linux, "seccomp", "syscalls")[1], "args", [Members([
                ("index", rng.choice([0, 1, 2, 5])), ("value", rng.choice([0, 1, 2**32 + 1, 2**64 - 1])),
                ("valueTwo", rng.choice([0, 1, 2**32 + 1, 2**64 - 1])),
                ("op", rng.choice(["SCMP_CMP_EQ", "SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_GE",
                                   "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ"]))])]),
        ]
    rng.choice(changes)()


def string(rng, tree):
    args = find(process_of(tree), "args")
    args[1:] = [Raw(rng.choice(STRINGS)) for _ in range(rng.choice([1, 1, 2]))]


def boolean(rng, tree):
    put(process_of(tree), "noNewPrivileges", Raw(rng.choice(BOOLEANS)))


def capabilities(rng, tree):
    sets = find(process_of(tree), "capabilities")
    names = rng.sample(list(CAPS), 2) + ["CAP_NONESUCH", "cap_chown", "CHOWN", "CAP_CHOWN ", "0",
                                         "CAP_0", "CAP_ALL", "all", "CAP_CHOWN\0x", "cap_chown+ep"]
    chosen = rng.sample(names, 1) + rng.sample(names[:3], 1)
    for key in CAP_SETS:
        put(sets, key, chosen)


def options(rng, tree):
    # Not suid, dev and exec, by which crun 1.8 takes nothing back.
    words = ["ro", "rw", "RO", "rO", "ro ", "rw,ro", "ro\0", "bind", "rbind", "rprivate", "nosuid", "nodev", "noexec",
             "readonly", "RW", "", "rro", "rrw", "rnosuid", "remount", "private", "noatime", "X-x", "bind,rw"]
    put(find(tree, "mounts")[1], "options", ["bind"] + rng.choices(words, k=rng.choice([1, 2, 3])))


def destination(rng, tree):
    put(find(tree, "mounts")[1], "destination", rng.choice(
        ["/mnt/", "//mnt", "/x/../mnt", "/./mnt", "mnt", "/mnt\0x", "/MNT", "/mnt/.", "", "/mnt/..", "../mnt",
         "/mnt/../../mnt", "mnt/"]))


def masked(rng, tree):
    key = rng.choice(["maskedPaths", "maskedPaths", "maskedpaths", "mas\u212aedPaths", "MaskedPaths", "readonlyPaths",
                      "readOnlyPaths"])
    find(tree, "linux").append((key, rng.choice([["/mnt"], ["mnt"], "/mnt", Raw("null"), ["/mnt", "/mnt"], ["/mnt/"],
                                                 ["//mnt"]])))


def without(rng, tree):
    where, key = rng.choice([((), "linux"), ((), "mounts"), (("linux",), "seccomp"), (("process",), "user"),
                             (("process",), "capabilities"), (("process",), "noNewPrivileges"),
                             (("process",), "rlimits"), (("process",), "args"), (("process", "user"), "uid"),
                             (("process", "user"), "umask"), (("process",), "oomScoreAdj"), (("root",), "readonly"),
                             (("linux",), "resources"), (("linux",), "devices"), ((), "hostname")])
    node = find(tree, *where)
    if rng.random() < 0.5:
        put(node, key, Raw(rng.choice(["null", "{}", "[]", '""'])))
    else:
        node[:] = [member for member in node if member[0] != key]


def action(rng, tree):
    put(find(tree, "linux", "seccomp"), "defaultAction", rng.choice(
        ["SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "scmp_act_allow", "SCMP_ACT_ALLOW ", "ALLOW", "SCMP_ACT_ALLOW\0x"]))


def namespace(rng, tree):
    spaces = find(tree, "linux", "namespaces")
    if rng.random() < 0.3:
        # Not that of mounts, without which runc leaves them to the machine and much undone: host-mount-ns.
        spaces.pop(rng.choice([i for i, space in enumerate(spaces) if space != [("type", "mount")]]))
    else:
        spaces.append(Members([("type", rng.choice(
            ["network", "cgroup", "Network", "net", "network\0x", "pid ", "", "uts", "time", "mnt"]))]))


def user_namespace(rng, tree):
    linux = find(tree, "linux")
    find(linux, "namespaces").append(Members([("type", "user")]))
    for key in ("uidMappings", "gidMappings"):
        linux.append((key, [Members([
            ("containerID", rng.choice([0, 0, 0, Raw(rng.choice(NUMBERS))])),
            ("hostID", rng.choice([0, 0, 100000, Raw(rng.choice(NUMBERS))])),
            ("size", rng.choice([65536, 65536, 2000, Raw(rng.choice(NUMBERS))]))])]))


CHANGES = [twice, twice, renamed, renamed, elsewhere, escaped, escaped, shuffled, shuffled, more, number, number,
           leaf, leaf, leaf, leaf, another, another, another, another, string, string, boolean, capabilities,
           options, options, destination, masked, without, action, namespace, user_namespace]
PROCESS_CHANGES = [twice, renamed, escaped, shuffled, more, number, leaf, leaf, another, another, string, boolean,
                   capabilities]


def text_of(rng, node, noise):
    def space():
        return rng.choice(SPACES) if noise and rng.random() < noise else rng.choice(["", "", " ", "\n"])

    def one(value):
        if isinstance(value, Members):
            return "{" + ",".join(f"{space()}{one(k)}{space()}:{one(v)}" for k, v in value) + space() + "}"
        if isinstance(value, list):
            return "[" + ",".join(space() + one(v) for v in value) + space() + "]"
        if isinstance(value, Raw):
            return str(value)
        return json.dumps(value, ensure_ascii=rng.random() < 0.5)

    return one(node)


def changed(rng, tree, changes):
    """Some of the changes, and the text of what came of it."""
    for change in [rng.choice(changes) for _ in range(rng.choice([0, 1, 1, 1, 2, 3]))]:
        try:
            change(rng, tree)
        except (StopIteration, IndexError, ValueError, TypeError, AttributeError):
            pass  # an earlier change took away what this one is about
    text = text_of(rng, tree, rng.choice([0, 0, 0, 0, 0, 0, 0, 0.02]))
    if rng.random() < 0.05:
        text += rng.choice(BEHIND)
    if rng.random() < 0.02:
        text = "\ufeff" + text
    if rng.random() < 0.01:
        return text.encode(rng.choice(ENCODINGS), "surrogatepass")
    data = text.encode("utf-8", "surrogatepass")
    if rng.random() < 0.04:
        data = data.replace(b'"A"', b'"A' + rng.choice(BYTES) + b'"')
    if rng.random() < 0.01:
        at = rng.randrange(len(data))
        data = data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1:]
    return data


def make_config(rng, at):
    return changed(rng, base(at), CHANGES)


def make_process(rng):
    return changed(rng, base_process(), PROCESS_CHANGES)


# ---- what is written there ----

def strict(data):
    def pairs(members):
        keys = [key for key, _ in members]
        if len(set(keys)) < len(keys):
            raise ValueError("a key twice")
        return dict(members)

    def constant(_):
        raise ValueError("no number")

    return json.loads(data.decode("utf-8"), object_pairs_hook=pairs, parse_constant=constant)


def cap_set(names):
    mask = 0
    for name in names or []:
        mask |= 1 << CAPS[name] if name in CAPS else 0
    return f"{mask:016x}"


def limit_text(value):
    return "unlimited" if value >= 2**64 - 1 else str(value)


def of_process(process):
    """What comes of a process in any container; what it leaves out is the container's."""
    user = process.get("user") or {}
    want = {
        "words": " ".join((process.get("args") or [])[1:]),
        "uid": str(user.get("uid") or 0), "gid": str(user.get("gid") or 0),
        "nnp": "1" if process.get("noNewPrivileges") else "0",
    }
    if process.get("capabilities"):
        want["bounding"] = cap_set(process["capabilities"].get("bounding"))
    if user.get("umask") is not None:
        want["umask"] = f"{user['umask'] & 0o777:o}"
    if user.get("additionalGids"):
        want["groups"] = " ".join(sorted({str(gid) for gid in user["additionalGids"]}))
    if process.get("oomScoreAdj") is not None:
        want["oom"] = str(process["oomScoreAdj"])
    for one in process.get("rlimits") or []:
        which = "limit" + LIMITS.get(one.get("type"), "")
        want[which] = f"{limit_text(one.get('soft') or 0)}:{limit_text(one.get('hard') or 0)}"
    return want


def asked_namespaces(linux):
    return {one.get("type") for one in linux.get("namespaces") or []}


def of_linux(linux):
    want = {"seccomp": "2" if linux.get("seccomp") else "0"}
    limit_pids = ((linux.get("resources") or {}).get("pids") or {}).get("limit")
    if limit_pids:
        want["pids"] = str(limit_pids) if limit_pids > 0 else "max"
    spaces = {NAMESPACES.get(name) for name in asked_namespaces(linux)}
    for name in set(NAMESPACES.values()) - {"time"}:
        want["ns-" + name] = "own" if name in spaces else "host"
    for one in linux.get("devices") or []:
        # In a user namespace crun has a way of its own.
        if one.get("path") == "/dev/x" and one.get("fileMode") and "user" not in spaces:
            want["device"] = (f"{0o20000 | one['fileMode'] & 0o1777:o}:{one.get('major') or 0}:{one.get('minor') or 0}:"
                              f"{one.get('uid') or 0}:{one.get('gid') or 0}")
    return want


def expected(tree):
    linux = tree.get("linux") or {}
    want = {"bounding": cap_set([])}
    want.update(of_process(tree.get("process") or {}))
    want.update(of_linux(linux))
    bind = [m for m in tree.get("mounts") or [] if str(m.get("source")).endswith("/shared")]
    if bind:
        options = bind[0].get("options") or []
        says = [o for o in ["rw"] + options if o in ("ro", "rw")][-1]
        says = "ro" if "rro" in options else says
        paths = (linux.get("maskedPaths") or []) + (linux.get("readonlyPaths") or [])
        hidden = any(path.strip("/") == "mnt" for path in paths)
        want["mnt"] = "ro" if hidden or says != "rw" else "rw"
    want["readonly"] = "1" if (tree.get("root") or {}).get("readonly") else "0"
    if want["ns-uts"] == "own" and tree.get("hostname"):
        want["host"] = tree["hostname"]
    return want
