#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# console.py - the other end of a console socket, as conmon and containerd have.
#
#	console.py SOCKET       takes one terminal, prints what is said on it

import os
import socket
import sys


def main():
    with socket.socket(socket.AF_UNIX) as listening:
        listening.settimeout(20)
        listening.bind(sys.argv[1] + ".new")
        listening.listen()
        # There only when somebody listens.
        os.rename(sys.argv[1] + ".new", sys.argv[1])
        connection = listening.accept()[0]
        with connection:
            name, terminals, _, _ = socket.recv_fds(connection, 4096, 2)
    print(len(terminals), "terminal", name.decode())
    while True:
        try:
            text = os.read(terminals[0], 4096)
        except OSError:  # the last program on it ended
            break
        if not text:
            break
        print(text)


main()
