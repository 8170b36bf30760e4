"""What the kernel says about this process's own TCP sockets (Linux)."""

import os
import socket
import struct
import sys
from contextlib import suppress

BYTES_SENT = 200  # offset of tcpi_bytes_sent in Linux's struct tcp_info; payload, without headers
BYTES_RETRANSMITTED = 208


def tcp_bytes_sent():
    """Payload bytes that this process's open TCP sockets have sent, each counted once; None where nobody counts.

    Read from the kernel (``TCP_INFO``), so it holds all that the process sent through sockets that are still open:
    tensors, their headers, and talk with the store. TCP and IP headers are not in it.

    Returns
    -------
    int or None
        Bytes since the sockets were opened.

    Examples
    --------
    >>> import socket
    >>> from mixlib.federation.distributed import tcp_bytes_sent
    >>> server = socket.create_server(("127.0.0.1", 0))
    >>> with socket.create_connection(server.getsockname()) as client:
    ...     client.send(b"four"), (tcp_bytes_sent() or 4) >= 4  # None where the kernel does not tell
    (4, True)
    >>> server.close()
    """
    total = None
    for one in _tcp_sockets():
        info = one.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
        if len(info) >= BYTES_RETRANSMITTED + 8:
            sent, again = (struct.unpack_from("Q", info, at)[0] for at in (BYTES_SENT, BYTES_RETRANSMITTED))
            total = (total or 0) + sent - again
    return total


def listens_on(port):
    """Whether this process itself accepts connections on TCP ``port``; None where that cannot be seen."""
    if not sys.platform.startswith("linux"):
        return None
    return any(
        one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) and one.getsockname()[1] == port
        for one in _tcp_sockets()
    )


def _tcp_sockets():
    if not sys.platform.startswith("linux"):
        return
    for fd in os.listdir("/proc/self/fd"):
        with suppress(OSError):  # no socket, or closed meanwhile
            if os.readlink(f"/proc/self/fd/{fd}").startswith("socket:"):
                with socket.socket(fileno=os.dup(int(fd))) as one:
                    if one.type == socket.SOCK_STREAM and one.family in (socket.AF_INET, socket.AF_INET6):
                        yield one
