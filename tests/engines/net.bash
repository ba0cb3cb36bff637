# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# net.bash - a small network for a test, in namespaces that only it sees.
#
#	net_up              # after garita_up: world, box and next
#	net_down
#	net_plug PID N      a third cable, into the network of a process
#	in_net NAME COMMAND...
#	opens NAME HOST PORT
#	                    from that namespace, when asked often enough
#	shut NAME HOST PORT nobody answers, asked once, within a second
#	probe               for .process.args: what a container can reach
#
#	world  10.77.0.1    fd77::1   the router, with the cloud's addresses:
#	       169.254.169.254 and fd00:ec2::254
#	box    10.77.0.2    fd77::2   where the container is
#	next   10.77.0.3    fd77::3   its neighbour on the same bridge
#
# In world and next something answers at port 80, in next at 8080 too. The
# names are in the test's own /run, the cables end in these namespaces: the
# machine's own network is not touched.

# Words of inner shells.
# shellcheck disable=SC2016

net_up()
{
	inside bash -e -c '
		for n in world box next; do
			ip netns add $n
			ip -n $n link set lo up
		done
		ip -n world link add br0 type bridge
		ip -n world link set br0 up
		ip -n world addr add 10.77.0.1/24 dev br0
		ip -n world addr add fd77::1/64 dev br0 nodad
		ip -n world addr add 169.254.169.254/32 dev br0
		ip -n world addr add fd00:ec2::254/128 dev br0 nodad'
	net_plug box 2
	net_plug next 3
	mkdir -p "$GARITA_DIR/www"
	echo "$GARITA_DIR" >"$GARITA_DIR/www/f"
	for at in world:80 next:80 next:8080; do
		in_net "${at%:*}" sh -c 'echo $$ >>"$0/servers"
			exec busybox httpd -f -p "$1" -h "$0/www"' \
			"$GARITA_DIR" "${at#*:}" >/dev/null 2>&1 </dev/null 3>&- &
	done
	# For a container's own server on port 80, as docker does it.
	in_net box sh -c 'echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start'
	opens box 10.77.0.1 80
	opens box fd77::3 80
	opens box fd77::3 8080
}

net_down()
{
	[ -e "$GARITA_DIR/servers" ] || return 0
	xargs kill <"$GARITA_DIR/servers" 2>/dev/null || true
	for n in world box next; do
		inside ip netns del $n 2>/dev/null || true
	done
}

# net_plug NAME|PID N
net_plug()
{
	inside bash -e -c '
		into=(ip -n $0)
		case $0 in
		*[!0-9]*) ;;
		*) into=(nsenter --net=/proc/$0/ns/net -- ip) ;;
		esac
		ip -n world link add v$1 type veth peer name eth0 netns $0
		ip -n world link set v$1 master br0 up
		"${into[@]}" addr add 10.77.0.$1/24 dev eth0
		"${into[@]}" addr add fd77::$1/64 dev eth0 nodad
		"${into[@]}" link set eth0 up
		"${into[@]}" route add default via 10.77.0.1
		"${into[@]}" -6 route add default via fd77::1' "$@"
}

in_net()
{
	local name=$1

	shift
	inside nsenter --net="/run/netns/$name" -- "$@"
}

connects()
{
	in_net "$1" busybox nc -w "$4" "$2" "$3" </dev/null >/dev/null 2>&1 3>&-
}

opens()
{
	local tries

	for ((tries = 0; tries < 20; tries++)); do
		! connects "$@" 3 || return 0
		sleep 0.1
	done
	echo "not open: $*"
	return 1
}

shut()
{
	! connects "$@" 1 || {
		echo "not shut: $*"
		return 1
	}
}

# Two servers and eight questions, all at once; then it sleeps.
# shellcheck disable=SC2016,SC2034
probe='httpd -p 80 -h /; httpd -p 5432 -h /
can() { if nc -w 1 $2 $3 </dev/null >/dev/null 2>&1; then echo $1 yes; else echo $1 no; fi; }
for port in 80 5432; do
	until nc -w 1 127.0.0.1 $port </dev/null >/dev/null 2>&1; do :; done
done
can self ::1 5432 & can meta4 169.254.169.254 80 &
can meta6 fd00:ec2::254 80 & can world4 10.77.0.1 80 & can world6 fd77::1 80 &
can next4 10.77.0.3 80 & can next6 fd77::3 80 & can other4 10.77.0.3 8080 &
wait; echo asked; exec sleep 1000'
