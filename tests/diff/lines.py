# SPDX-License-Identifier: LGPL-2.1-or-later
"""lines - command lines of a runtime as nobody would write them."""


def spelled(rng, name, letter, value):
    """An option and its value, as somebody might write it."""
    ways = [[f"--{name}", value], [f"--{name}={value}"], [f"-{name}", value], [f"-{name}={value}"],
            [f"--{name[:-1]}", value], [f"--{name[:2]}={value}"], [f"--{name.upper()}", value],
            [f"--{name}", "=", value], [f"--{name}= {value}"], [f"--{name}"], [f"---{name}={value}"],
            [f"--{name}={value} "], [f"--{name}", f"={value}"], [f"--{name}=={value}"], [f"\u2013{name}={value}"],
            [f"--{name}\n={value}"], [f"--{name}", "--", value], [f"--{name}", ""], [f"--{name}="], [f"--no-{name}"]]
    if letter:
        ways += 2 * [[f"-{letter}", value], [f"-{letter}{value}"], [f"-{letter}={value}"], [f"--{letter}={value}"],
                     [f"-d{letter}", value], [f"-{letter}d", value], [f"-{letter.upper()}", value]]
    weights = [60, 60] + [1] * (len(ways) - 2)
    return rng.choices(ways, weights)[0]


def make_line(rng, at, ident):
    bundles = [f"{at}/lines/B"] * 4 + [f"{at}/lines/EVIL", "B", "./B", "EVIL/../B", "B/", "EVIL", "/nonesuch",
                                       f"{at}/lines/B/config.json", "B/.", "~/B", "-", "B\n"]
    ids = [ident] * 60 + [ident + ".x", "-" + ident, ident + "\n", "../" + ident, "", "run", "--bundle", ident + " ",
                          ident + "/x", ".", "..", ident + "\u00e9", ident * 40, "--", "-"]
    before, after = [], []
    for _ in range(rng.choice([0, 0, 1, 1, 1, 1, 1, 2])):
        rng.choice([before] * 15 + [after]).extend(spelled(rng, "root", "", f"{at}/root-{rng.choice('12')}"))
    if rng.random() < 0.15:
        before += rng.choice([["--debug"], ["--debug=true"], ["--debug=false"], ["--log-format", "json"],
                              ["--log", "log"], ["--log=create"], ["--nonesuch"], ["--rootless", "false"],
                              ["--cgroup-manager=cgroupfs"], ["--cgroup-manager", "disabled"], ["--"],
                              ["--log-level=error"], ["--log-l", "error"], ["--systemd-cgroup=false"], ["-v=false"],
                              ["--debug", "false"], ["--help=0"], ["-?"], ["--log-format=JSON"], ["--criu", "run"]])
    for _ in range(rng.choice([1] * 8 + [0, 2])):
        after += spelled(rng, "bundle", "b", rng.choice(bundles))
    for _ in range(rng.choice([0, 0, 0, 1, 2])):
        after += rng.choice([["--no-pivot"], ["--no-pivot=false"], ["--pid-file", "pid"], ["--pid-file=--bundle"],
                             ["--pid-file", "--bundle"], ["--no-new-keyring"], ["--keep=false"], ["--preserve-fds=0"],
                             ["--preserve-fds", "00"], ["--no-subreaper"], ["-f", f"{at}/lines/EVIL/config.json"],
                             [f"--config={at}/lines/EVIL/config.json"], ["--console-socket="], ["--help=false"],
                             ["--no-subreaper=true"], ["-d=false"], ["--detach=0"], ["--root"], ["--", "--no-pivot"],
                             ["--no-pivot", "false"], ["--no-subreaper=1"], ["--preserve-fds=1e0"], ["--no-p"],
                             ["--preserve-fds", "-0"], ["--pid-file=pid", "--pid-file=pid"], ["-fB"], ["--keep=FALSE"],
                             ["--pidfd-socket="], ["--bundle=EVIL\0"[:-1]], ["-h=false"], ["--version"]])
    if rng.random() < 0.3:
        after.append("--")
    after.insert(len(after) if rng.random() < 0.95 else rng.randrange(len(after) + 1), rng.choice(ids))
    if rng.random() < 0.1:
        after += rng.choice([["x"], ["--bundle", "EVIL"], ["--bundle=EVIL"], [""], ["-b", f"{at}/lines/EVIL"], ["--"],
                             ["--", "--bundle=EVIL"], ["-b=EVIL"], ["--no-pivot"]])
    verb = rng.choice(["run"] * 60 + ["Run", "r", "ru", "--run", "run ", "run\n", "", "runc", "create"])
    return before + [verb] + after


# Of an exec in words: its name, letter and values.
EXEC_OPTIONS = (
    ("user", "u", ["1000", "0", "1000:1000", "0:0", "1000:0", "1000:", ":1000", "root", "+0", "-1", "4294967296",
                   "4294967295", "2147483648", "01", "1e0", "0x0", "1000:1e0", "1000:1000:1000"]),
    ("env", "e", ["A=2", "B=1", "PATH=/x", "=x", "A", "A=", "B=a b", "B=\u00e9", "LD_PRELOAD=x", "A=1\nB=2",
                  "HOME=/x"]),
    ("cwd", "", ["/bin", "bin", "/bin/..", "/bin/", "/nonesuch", "//bin", ".", "/mnt"]),
    ("additional-gids", "g", ["7", "0", "8", "x", "1e0", "7,8", "2147483648", "-1"]),
    ("cap", "c", ["CAP_KILL", "CAP_CHOWN", "cap_chown", "CHOWN", "21", "CAP_SYS_TIME", "CAP_CHOWN,CAP_KILL", "ALL"]),
    ("pid-file", "", ["pid"]),
    ("preserve-fds", "", ["0", "00", "1e0", "-0"]),
    ("cgroup", "", ["/", "..", "cpu:/"]),
)
EXEC_SWITCHES = (["--no-new-privs"], ["--no-new-privs=true"], ["--no-new-privs=false"], ["-no-new-privs"],
                 ["--tty=false"], ["-t=false"], ["--tty", "false"], ["-d=false"], ["--detach=0"],
                 ["--ignore-paused"], ["--no-new-p"], ["--process="], ["-p", "x"], ["--help=false"])
COMMANDS = [["/bin/look", "A"]] * 6 + [["/bin/look", "-u", "0"], ["--", "/bin/look", "A"], ["/bin/look", "--"],
                                       ["/bin/look", "--user=0"], ["/bin/look", ""], ["look", "A"],
                                       ["/bin/look", "\u00e9"], ["-u", "0", "/bin/look"],
                                       ["--env=A=3", "/bin/look", "A"], []]


def make_exec(rng, ident):
    """What comes behind `exec`."""
    line = []
    for _ in range(rng.choice([0, 1, 1, 1, 2, 3])):
        name, letter, values = rng.choice(EXEC_OPTIONS)
        line += spelled(rng, name, letter, rng.choice(values))
    if rng.random() < 0.3:
        line += rng.choice(EXEC_SWITCHES)
    if rng.random() < 0.3:
        line.append("--")
    return line + [rng.choice([ident] * 40 + ["", "-", ident + " ", "--user=0"])] + rng.choice(COMMANDS)
