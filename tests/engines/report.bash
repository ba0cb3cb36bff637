# shellcheck shell=bash
# Programs of jq have their own $.
# shellcheck disable=SC2016
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# report.bash - whether JSON is what a JSON Schema says, with nothing but jq.
#
#	fits SCHEMA FILE        prints what does not; nothing when all does
#
# Knows the words that our schemas use, and complains of any other, so that a
# schema cannot ask for what is not checked.

FITS='
def words: ["$schema", "$defs", "$ref", "title", "description", "type", "const",
	"enum", "required", "properties", "additionalProperties", "items",
	"minItems", "minimum", "minLength", "pattern", "oneOf", "allOf"];
def kind: type as $t | if $t == "number" and floor == . then "integer"
	else $t end;
def looked_up($root): if has("$ref") then
	.["$ref"] as $r | $root | getpath($r | ltrimstr("#/") | split("/"))
	else empty end;
def wrong($s; $root; $at): . as $v |
	if $s == false then "\($at): must not be there"
	elif $s == true then empty
	else
	(($s | keys) - words | .[] | "\($at): schema word \(.) is not known"),
	($s | looked_up($root) as $t | $v | wrong($t; $root; $at)),
	($s.allOf // [] | .[] as $t | $v | wrong($t; $root; $at)),
	(if $s | has("oneOf") then
		[$s.oneOf[] as $t | [$v | wrong($t; $root; $at)]] as $all |
		if ([$all[] | select(length == 0)] | length) == 1 then empty
		else "\($at): not one of these", $all[][] end
	else empty end),
	(if ($s | has("const")) and $s.const != $v then
		"\($at): not \($s.const)" else empty end),
	(if ($s | has("enum")) and ([$s.enum[] | select(. == $v)] == []) then
		"\($at): \($v) is none of \($s.enum)" else empty end),
	(if ($s | has("type")) and ($v | kind) != $s.type then
		"\($at): \($v | kind), not \($s.type)"
	elif $v | type == "object" then
		(($s.required // []) - ($v | keys) | .[] |
			"\($at): no \(.)"),
		($v | to_entries[] | . as $e |
			if $s.properties // {} | has($e.key) then
				$e.value | wrong($s.properties[$e.key]; $root;
					"\($at)/\($e.key)")
			elif $s | has("additionalProperties") then
				$e.value | wrong($s.additionalProperties;
					$root; "\($at)/\($e.key)")
			else empty end)
	elif $v | type == "array" then
		(if ($v | length) < ($s.minItems // 0) then
			"\($at): too few" else empty end),
		(if $s | has("items") then
			range($v | length) as $i | $v[$i] |
				wrong($s.items; $root; "\($at)/\($i)")
		else empty end)
	elif $v | type == "number" then
		(if $v < ($s.minimum // $v) then "\($at): too small"
		else empty end)
	elif $v | type == "string" then
		(if ($v | length) < ($s.minLength // 0) then
			"\($at): too short" else empty end),
		(if ($s | has("pattern")) and ($v | test($s.pattern) | not)
		then "\($at): \($v) does not match" else empty end)
	else empty end)
	end;
$schema[0] as $root | wrong($root; $root; "")'

fits()
{
	jq -r --slurpfile schema "$1" "$FITS" "$2"
}
