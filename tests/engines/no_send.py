#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""no_send.py COMMAND...: runs it where sendto(2), which is what send(3) calls,
never returns."""
import ctypes
import os
import platform
import struct
import sys

SYS_SENDTO, SYS_SECCOMP = {"x86_64": (44, 317), "aarch64": (206, 277)}[
    platform.machine()]
SET_MODE_FILTER, NEW_LISTENER = 1, 8
USER_NOTIF, ALLOW = 0x7FC00000, 0x7FFF0000

code = b"".join(struct.pack("HBBI", *line) for line in (
    (0x20, 0, 0, 0),  # the call's number
    (0x15, 0, 1, SYS_SENDTO),
    (0x06, 0, 0, USER_NOTIF),
    (0x06, 0, 0, ALLOW),
))
buffer = ctypes.create_string_buffer(code)
program = ctypes.create_string_buffer(
    struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(buffer)))
libc = ctypes.CDLL(None, use_errno=True)
listener = libc.syscall(SYS_SECCOMP, SET_MODE_FILTER, NEW_LISTENER,
                        ctypes.byref(program))
if listener < 0:
    sys.exit(os.strerror(ctypes.get_errno()))
command = os.fork()
if command == 0:
    os.close(listener)
    os.execv(sys.argv[1], sys.argv[1:])
# We hold the listener, and answer nobody.
_, status = os.waitpid(command, 0)
sys.exit(os.waitstatus_to_exitcode(status))
