#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Man pages, --help, headers and the symbol map tell the same story.
set -u
fprctl=$FPR_BUILD/bin/fprctl
failed=0
complain() { echo "$*"; failed=1; }
same() { # what one other
	diff <(echo "$2") <(echo "$3") || complain "$1 differ (< first, > second)"
}

command -v mandoc >/dev/null || { echo "mandoc is not installed (tools/setup does it)"; exit 77; }
for page in lib/man/*.[1-9] driver/*.[1-9] hw/board/server/*.[1-9] tools/*/*.[1-9]; do
	# Pages that are not installed yet cannot be found.
	lint=$(mandoc -Tlint "$page" | grep -v 'referenced manual not found')
	[ -z "$lint" ] || complain "$lint"
done

# Commands and options: what --help tells against what the page tells.
help_commands=$("$fprctl" --help | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p' | sort)
page_commands=$(sed -n 's/^\.Ss //p' tools/fprctl/fprctl.1 | sort)
same "fprctl's commands and its page" "$help_commands" \
	"$(printf 'list\n%s' "$page_commands" | sort -u)"
synopsis() { # command: the options of its synopsis
	awk -v command="$1" '
		/^\.Nm/ { inside = 0 }
		/^\.Sh DESCRIPTION/ { exit }
		/Cm / { inside = $0 ~ ("Cm " command "$") }
		inside { print }' tools/fprctl/fprctl.1 |
		grep -o 'Fl [^ ]*' | sed 's/^Fl /-/' | sort -u
}
for command in $help_commands; do
	options=$("$fprctl" "$command" --help | sed -n 's/^  \(-[^ ]*\).*/\1/p' |
		grep -vx -- --help | sort)
	[ -n "$options" ] || complain "fprctl $command --help shows no options"
	same "fprctl $command's options and its page's synopsis" "$options" "$(synopsis "$command")"
	for option in $options; do
		sed '1,/^\.Sh DESCRIPTION/d' tools/fprctl/fprctl.1 |
			grep -q -- "Fl ${option#-}\b" || complain "$option is not described"
	done
done
for code in 0 1 2 3 4 5; do
	grep -q "^\.It $code$" tools/fprctl/fprctl.1 || complain "exit code $code is not described"
	grep -q "= $code,.*" tools/fprctl/fprctl.h || complain "exit code $code is not defined"
done

# The virtual board's options and the words of its commands.
board_page=hw/board/server/fpr-board.1 board_help=$("$FPR_BUILD/bin/fpr-board" --help)
fl() { # the options of lines of a page
	grep -o 'Fl [^ ]*' | sed 's/^Fl /-/' | sort -u
}
options=$(sed -n 's/^  \(--[a-z]*\)[ =].*/\1/p' <<<"$board_help" | sort)
[ -n "$options" ] || complain "fpr-board --help shows no options"
same "fpr-board's options and its page's synopsis" "$options" \
	"$(sed '/^\.Sh DESCRIPTION/,$d' $board_page | fl)"
same "fpr-board's options and those its page describes" "$options" "$(grep '^\.It Fl' $board_page | fl)"
same "fpr-board's commands and its page" \
	"$(sed -n '/^Commands/,/^$/s/^  \([a-z-]*\) .*/\1/p' <<<"$board_help" | sort -u)" \
	"$(sed -n '/^\.Sh COMMANDS/,/^\.Sh EXIT/s/^\.It Cm //p' $board_page | sed 's/ , /\n/g' | sort)"

# Numbers that pages tell and headers define.
defined() { # macro header
	sed -n "s/^#define $1 \([0-9][0-9]*\)\b.*/\1/p" "$2"
}
threads=$(defined FPR_BOARD_THREADS_MAX hw/board/board.h)
grep -q "^threads of the fast model, 1 to $threads;" lib/man/libfpr.3 ||
	complain "libfpr(3) does not say 1 to $threads threads"
geometry=hw/include/fpr_geometry.h
t=$(defined FPR_T_MAX $geometry) t_chunk=$(defined FPR_T_CHUNK $geometry)
grep -q "^Out-of-bounds threshold, 0 to $t; by default $t_chunk for" tools/fprctl/fprctl.1 ||
	complain "fprctl(1) does not say T from 0 to $t, by default $t_chunk"
grep -q "^and $(defined FPR_T_SET $geometry) for the others" tools/fprctl/fprctl.1 ||
	complain "fprctl(1) does not say the other kinds' T"

# Keys of JSON: what the schema has of a command against what its page section tells, or what
# the section of all of them does. (Documents are compared with the schema wherever a test reads one.)
# A network's name is a key too.
keys_of() { # tool: a command and its keys in each line
	"${PYTHON:-python3}" - "$1" "tools/$1/$1.schema.json" <<'EOF'
import json, sys
tool, path = sys.argv[1:]
defs = json.load(open(path))["$defs"]
def walk(schema):
    if "$ref" in schema:
        yield from walk(defs[schema["$ref"].rsplit("/", 1)[1]])
    for key, inner in schema.get("properties", {}).items():
        yield key
        yield from walk(inner)
    yield from walk(schema["items"]) if "items" in schema else ()
    yield from walk(schema["additionalProperties"]) if "additionalProperties" in schema else ()
for name in defs:
    if name.startswith(tool + "."):
        print(name[len(tool) + 1:], *sorted(k for k in set(walk(defs[name])) if k[0].islower()))
EOF
}
section() { # page kind name
	sed -n "/^\.$2 $3\$/,/^\.S[sh] /p" "$1"
}
describes() { # tool section-of-all macros
	local page=tools/$1/$1.1 command words told
	while read -r command words; do
		told=$(section "$page" Ss "$command" | cat - <(section "$page" Sh "$2") |
			grep "^\.\($3\) ")
		for key in $words; do
			grep -qw -- "$key" <<<"$told" || complain "$1 $command's JSON key $key is not described"
		done
	done
}
keys=$(keys_of fprctl)
same "fprctl's commands and its schema" "$help_commands" "$(cut -d' ' -f1 <<<"$keys" | sort)"
describes fprctl JSON Va <<<"$keys"
keys=$(keys_of fprnet)
same "fprnet's commands with --json and its schema" \
	"$(sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESCRIPTION/{/^\.Cm /h; /Fl -json/{x; s/^\.Cm //p}}' tools/fprnet/fprnet.1)" \
	"$(cut -d' ' -f1 <<<"$keys")"
# Modes are keys, too.
describes fprnet DESCRIPTION 'Va\|Cm\|It Cm' <<<"$keys"

# The driver's parameters, calls and files: the source against fpr(4).
for parameter in $(sed -n 's/^module_param_named(\([a-z_]*\),.*/\1/p' driver/*.c); do
	grep -q "^\.It Cm $parameter Ns = " driver/fpr.4 || complain "fpr(4) lacks the parameter $parameter"
done
for call in $(sed -n 's/^#define \(DRM_IOCTL_FPR_[A-Z_]*\) .*/\1/p' driver/uapi/fpr_accel.h); do
	grep -q "Dv $call\b" driver/fpr.4 || complain "fpr(4) lacks $call"
done
for file in $(sed -n 's/^static DEVICE_ATTR_RO(\([a-z_]*\));/\1/p' driver/fpr_sysfs.c) \
	$(sed -n 's/^\(\t{\|\tdebugfs_create_file.*(\) *"\([a-z]*\)", .*/\2/p' driver/fpr_debugfs.c); do
	grep -q "^\.Pa $file\b" driver/fpr.4 || complain "fpr(4) lacks the file $file"
done

# Public functions: headers, map, page and the library's own symbols.
declared=$("${CC:-gcc}" -E -P -Ihw/include -Ilib -include lib/fpr_pci.h -include lib/fpr_trace.h \
	-x c /dev/null | grep -o '\bfpr_[a-z0-9_]*(' | tr -d '(' | sort -u)
mapped=$(sed -n 's/^\t\(fpr_[a-z0-9_]*\);$/\1/p' lib/libfpr.map | sort)
described=$(sed -n 's/^\.Fn \([a-z0-9_]*\).*/\1/p' lib/man/libfpr.3 | sort -u)
for function in $declared; do
	grep -q "^ \* $function() - " lib/fpr*.h || complain "$function has no kernel-doc"
done
[ "$(wc -w <<<"$declared")" -gt 20 ] || complain "found too few functions in the headers"
same "the headers and lib/libfpr.map" "$declared" "$mapped"
same "the headers and libfpr(3)" "$declared" "$(grep -v '^$' <<<"$described")"
exported=$(nm -D --defined-only "$FPR_BUILD/lib/libfpr.so" | awk '$2 == "T" { print $3 }' |
	sed 's/@.*//' | sort)
same "lib/libfpr.map and libfpr.so" "$mapped" "$exported"

# The headers stand alone, in C and in C++.
for header in fpr.h fpr_pci.h fpr_trace.h; do
	for language in c c++; do
		# A machine without the C++ compiler proper still checks C.
		"${CC:-gcc}" -x $language -fsyntax-only /dev/null 2>/dev/null || continue
		echo "#include <$header>" | "${CC:-gcc}" -fsyntax-only -Wall -Wextra -Werror \
			-Ihw/include -Ilib -x $language - || complain "$header is not good $language"
	done
done
exit $failed
