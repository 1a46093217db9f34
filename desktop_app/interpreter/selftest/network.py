"""Attacks over the network and over sockets of this machine.

Names that the code knows: `tcp` and `udp` (ports of decoys on 127.0.0.1), `unix` (a socket's path), `abstract` (an
abstract socket's name), each of which notices who comes.
"""

from desktop_app.interpreter.selftest.attack import Attack

CONNECTING, PAIRS, LISTENING = "reach the network", "reach it sideways", "be reached"

ATTACKS = (
    Attack(CONNECTING, "the application on this machine", "socket.create_connection(('127.0.0.1', tcp), 1)"),
    Attack(CONNECTING, "the internet", "socket.create_connection(('1.1.1.1', 443), 1)"),
    Attack(CONNECTING, "over version 6", "socket.socket(socket.AF_INET6).connect(('::1', tcp))"),
    Attack(
        CONNECTING, "a datagram", "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', udp))"
    ),
    Attack(
        CONNECTING, "a name server", "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('8.8.8.8', 53))"
    ),
    Attack(CONNECTING, "a name", "socket.getaddrinfo('example.com', 443)"),
    Attack(
        CONNECTING, "a web page", "import urllib.request\nurllib.request.urlopen(f'http://127.0.0.1:{tcp}', timeout=1)"
    ),
    Attack(CONNECTING, "a unix socket", "socket.socket(socket.AF_UNIX).connect(unix)"),
    Attack(CONNECTING, "an abstract socket", "socket.socket(socket.AF_UNIX).connect('\\0' + abstract)"),
    Attack(
        CONNECTING,
        "the session's message bus",
        """
address = os.environ.get('DBUS_SESSION_BUS_ADDRESS', 'unix:path=/run/user/1000/bus')
socket.socket(socket.AF_UNIX).connect(address[10:])
""",
    ),
    Attack(
        CONNECTING, "the system's message bus", "socket.socket(socket.AF_UNIX).connect('/run/dbus/system_bus_socket')"
    ),
    Attack(CONNECTING, "the kernel by netlink", "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)"),
    Attack(CONNECTING, "the machine's host", "socket.socket(40, socket.SOCK_STREAM)"),
    Attack(CONNECTING, "raw packets", "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)"),
    Attack(CONNECTING, "bluetooth", "socket.socket(31, socket.SOCK_STREAM, 3)"),
    Attack(CONNECTING, "the kernel's ciphers", "socket.socket(38, socket.SOCK_SEQPACKET)"),
    Attack(
        PAIRS,
        "a pair of datagrams",
        "socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].sendto(b'x', '\\0' + abstract + '-datagram')",
    ),
    Attack(PAIRS, "a pair of packets", "socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)"),
    Attack(PAIRS, "a pair of streams, sending elsewhere", "socket.socketpair()[0].sendto(b'x', '\\0' + abstract)"),
    Attack(PAIRS, "a pair of streams, connected again", "socket.socketpair()[0].connect('\\0' + abstract)"),
    Attack(CONNECTING, "the list of connections", "return f':{tcp:04X} ' in open('/proc/self/net/tcp').read()"),
    Attack(CONNECTING, "the list of sockets", "return abstract in open('/proc/self/net/unix').read()"),
    Attack(LISTENING, "on a port", "s = socket.socket()\ns.bind(('127.0.0.1', 0))\ns.listen()"),
    Attack(LISTENING, "in its folder", "socket.socket(socket.AF_UNIX).bind(data + '/socket')"),
    Attack(LISTENING, "with a pair", "socket.socketpair()[0].listen()"),
)
