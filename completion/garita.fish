# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion of garita in fish. Every word comes from the program itself.

function __garita_words
    set -l typed (commandline -opc)
    set -l lines
    if test (count $typed) -lt 2
        set lines (garita help --words 2>/dev/null)
    else
        if string match -q -- '--*' $typed[-1]
            set lines (garita help --words $typed[2] $typed[-1] 2>/dev/null)
        end
        if test (count $lines) -eq 0
            set lines (garita help --words $typed[2] 2>/dev/null)
        end
    end
    if contains -- @file $lines
        __fish_complete_path (commandline -ct)
    end
    string match -v -- @file $lines
end

complete -c garita -f -a '(__garita_words)'
