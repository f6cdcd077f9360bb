# socket, select, selectors, socketserver, http over the loop-back.
import socket, select, selectors, threading, os, asyncio
server = socket.create_server(('127.0.0.1', 0)); port = server.getsockname()[1]
def serve():
    with server:
        conn, addr = server.accept()
        with conn:
            while data := conn.recv(1000): conn.sendall(data.upper())
t = threading.Thread(target=serve); t.start()
with socket.create_connection(('127.0.0.1', port), timeout=5) as s:
    s.sendall(b'hello'); assert s.recv(100) == b'HELLO' and s.getpeername() == ('127.0.0.1', port) and s.family == socket.AF_INET and s.fileno() > 0
    f = s.makefile('rwb'); f.write(b'line\n'); f.flush(); assert f.readline() == b'LINE\n'; f.close(); s.shutdown(socket.SHUT_WR); assert s.recv(10) == b''
t.join(); assert s.fileno() == -1
a, b = socket.socketpair()
with a, b:
    a.setblocking(False)
    try: a.recv(1)
    except BlockingIOError: pass
    assert select.select([a], [b], [], 0) == ([], [b], []); b.send(b'x'); assert select.select([a], [], [], 1)[0] == [a] and a.recv_into(buf := bytearray(5)) == 1 and buf[:1] == b'x'
    p = select.poll(); p.register(a, select.POLLIN); assert p.poll(0) == []; b.send(b'y'); assert p.poll(1000) == [(a.fileno(), select.POLLIN)]
    sel = selectors.DefaultSelector(); sel.register(a, selectors.EVENT_READ, 'data'); assert sel.select(0)[0][0].data == 'data'; sel.close()
    a.settimeout(0.01); a.recv(1)
    try: a.recv(1)
    except TimeoutError as e: assert str(e) == 'timed out'
    a.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096); assert a.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE) == socket.SOCK_STREAM
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.bind(('127.0.0.1', 0)); v = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); v.sendto(b'datagram', u.getsockname()); assert u.recvfrom(100)[0] == b'datagram'; u.close(); v.close()
try: socket.create_connection(('127.0.0.1', port), timeout=1)
except ConnectionRefusedError: pass
assert socket.inet_aton('1.2.3.4') == b'\1\2\3\4' and socket.inet_ntop(socket.AF_INET6, b'\0' * 15 + b'\1') == '::1' and socket.htons(1) == 256 and socket.getaddrinfo('127.0.0.1', 80, type=socket.SOCK_STREAM)[0][4] == ('127.0.0.1', 80) and socket.gethostname()
async def main():
    async def handle(r, w):
        w.write(b'echo:' + await r.readline()); await w.drain(); w.close()
    srv = await asyncio.start_server(handle, '127.0.0.1', 0); r, w = await asyncio.open_connection(*srv.sockets[0].getsockname()); w.write(b'hi\n'); assert await r.read() == b'echo:hi\n'; w.close(); srv.close(); await srv.wait_closed()
asyncio.run(main())
import http.server, urllib.request
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self): self.send_response(200); self.send_header('X-Test', 'é'.encode().hex()); self.end_headers(); self.wfile.write(self.path.encode())
    def log_message(self, *a): pass
srv = http.server.HTTPServer(('127.0.0.1', 0), H); t = threading.Thread(target=srv.serve_forever); t.start()
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
with opener.open(f'http://127.0.0.1:{srv.server_port}/a?b=c') as r: assert r.status == 200 and r.read() == b'/a?b=c' and r.headers['x-test'] == 'c3a9'
srv.shutdown(); t.join(); srv.server_close()
