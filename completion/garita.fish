# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion of garita in fish. Every word comes from the program itself.

function __garita_words
    set -l typed (commandline -opc)
    set -l lines (garita help --words $typed[2..-1] 2>/dev/null)
    if contains -- @file $lines
        __fish_complete_path (commandline -ct)
    end
    string match -v -- @file $lines
end

complete -c garita -f -a '(__garita_words)'
