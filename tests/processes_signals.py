# subprocess and signal.
import os, signal, subprocess, sys, time
run = subprocess.run
r = run([sys.executable, '-c', 'import sys; print(sys.stdin.read().upper()); print("err", file=sys.stderr); sys.exit(3)'], input='abc', capture_output=True, text=True); assert (r.returncode, r.stdout, r.stderr) == (3, 'ABC\n', 'err\n')
assert subprocess.check_output(['echo', 'a b']) == b'a b\n' and run('echo $X', shell=True, capture_output=True, env={'X': 'val', 'PATH': os.environ['PATH']}).stdout == b'val\n' and run(['true']).returncode == 0 and subprocess.call(['false']) == 1 and subprocess.getoutput('echo x; echo y') == 'x\ny'
for call, kind in [(lambda: run(['false'], check=True), subprocess.CalledProcessError), (lambda: run(['no-such-program-x']), FileNotFoundError), (lambda: run(['sleep', '5'], timeout=0.05), subprocess.TimeoutExpired), (lambda: run(['true'], cwd='/no/such/dir'), FileNotFoundError)]:
    try:
        call()
    except kind:
        pass
    else:
        raise AssertionError(kind)
p = subprocess.Popen(['cat'], stdin=subprocess.PIPE, stdout=subprocess.PIPE); out, err = p.communicate(b'through cat'); assert out == b'through cat' and err is None and p.returncode == 0 and p.poll() == 0
with subprocess.Popen(['sleep', '10']) as p: p.terminate(); assert p.wait() == -signal.SIGTERM
p1 = subprocess.Popen(['printf', 'b\\na\\n'], stdout=subprocess.PIPE); p2 = subprocess.Popen(['sort'], stdin=p1.stdout, stdout=subprocess.PIPE); p1.stdout.close(); assert p2.communicate()[0] == b'a\nb\n' and p1.wait() == 0
r = run(['sh', '-c', 'echo out; echo err >&2'], stdout=subprocess.PIPE, stderr=subprocess.STDOUT); assert r.stdout == b'out\nerr\n' and run(['echo'], stdout=subprocess.DEVNULL).stdout is None
big = b'x' * 300000; assert run(['cat'], input=big, capture_output=True).stdout == big
seen = []
old = signal.signal(signal.SIGUSR1, lambda number, frame: seen.append((number, frame.f_code.co_name))); os.kill(os.getpid(), signal.SIGUSR1); assert seen == [(signal.SIGUSR1, '<module>')] and old == signal.SIG_DFL and callable(signal.getsignal(signal.SIGUSR1)) and signal.SIGUSR1.name == 'SIGUSR1'
def handler(number, frame): raise TimeoutError('alarm')
signal.signal(signal.SIGALRM, handler); signal.setitimer(signal.ITIMER_REAL, 0.02)
try:
    time.sleep(5)
except TimeoutError as e: assert str(e) == 'alarm'
signal.setitimer(signal.ITIMER_REAL, 0.02)
try:
    while True: pass
except TimeoutError: pass
ticks = []; signal.signal(signal.SIGALRM, lambda *a: ticks.append(1)); signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01); start = time.monotonic(); time.sleep(0.1); assert time.monotonic() - start >= 0.1 and len(ticks) >= 3; signal.setitimer(signal.ITIMER_REAL, 0); signal.signal(signal.SIGALRM, signal.SIG_IGN)
assert signal.getsignal(signal.SIGINT) is signal.default_int_handler and run([sys.executable, '-c', 'import os, signal; os.kill(os.getpid(), signal.SIGKILL)']).returncode == -9 and run([sys.executable, '-c', 'import signal; signal.raise_signal(signal.SIGTERM)']).returncode == -15
r, w = os.pipe(); os.set_blocking(w, False); previous = signal.set_wakeup_fd(w); signal.raise_signal(signal.SIGUSR1); assert os.read(r, 10) == bytes([signal.SIGUSR1]); signal.set_wakeup_fd(previous)
masked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1}); signal.raise_signal(signal.SIGUSR1); assert len(seen) == 2 and signal.SIGUSR1 in signal.sigpending(); signal.pthread_sigmask(signal.SIG_SETMASK, masked); assert len(seen) == 3
