# Coroutines, async generators, async with/for/comprehensions: driven by hand, then by asyncio.
import asyncio
class Suspend:
    def __init__(self, v): self.v = v
    def __await__(self): return (yield self.v)
def run(coro):
    sent, seen = None, []
    try:
        while True:
            seen.append(coro.send(sent)); sent = len(seen) * 10
    except StopIteration as stop:
        return stop.value, seen
async def simple():
    a = await Suspend('x'); b = await Suspend('y')
    return a + b
assert run(simple()) == (30, ['x', 'y'])
async def outer():
    return [await simple() for _ in range(2)]
assert run(outer()) == ([30, 70], ['x', 'y', 'x', 'y'])
log = []
class Manager:
    async def __aenter__(self): log.append('enter'); await Suspend('e'); return self
    async def __aexit__(self, kind, value, tb): log.append(kind and kind.__name__); return kind is KeyError
class Count:
    def __init__(self, n): self.n = n
    def __aiter__(self): return self
    async def __anext__(self):
        if not self.n: raise StopAsyncIteration
        self.n -= 1; await Suspend(self.n); return self.n
async def agen(n):
    try:
        for i in range(n):
            got = yield i
            if got: log.append(('got', got))
            await Suspend('inside')
    finally:
        log.append('agen closed')
async def everything():
    async with Manager() as m, Manager():
        assert isinstance(m, Manager)
    async with Manager():
        raise KeyError
    out = []
    async for i in Count(3): out.append(i)
    else: out.append('else')
    out.append([i async for i in Count(3) if i]); out.append({i: i async for i in agen(2)})
    out.append({x async for x in Count(2)}); out.append([x async for x in (y * 2 async for y in Count(3))])
    g = agen(5); await g.__anext__(); await g.asend('hello'); await g.aclose()
    try:
        await g.__anext__()
    except StopAsyncIteration: out.append('stopped')
    return out
result = run(everything())[0]
assert result == [2, 1, 0, 'else', [2, 1], {0: 0, 1: 1}, {0, 1}, [4, 2, 0], 'stopped'], result
assert log[:6] == ['enter', 'enter', None, None, 'enter', 'KeyError'] and ('got', 'hello') in log and log.count('agen closed') == 2
for call, text in [(lambda: run(bad()), "'int' object can't be awaited"), (lambda: run(bad2()), "'async for' requires an object with __aiter__ method, got list"), (lambda: run(bad3()), "'int' object does not support the asynchronous context manager protocol (missed __aexit__ method)")]:
    async def bad(): await 5
    async def bad2():
        async for x in []: pass
    async def bad3():
        async with 5: pass
    try:
        call()
    except TypeError as error:
        assert str(error) == text, error
    else:
        raise AssertionError
c = simple(); c.close()
done = simple(); run(done)
try:
    done.send(None)
except RuntimeError as error:
    assert str(error) == 'cannot reuse already awaited coroutine'
async def main():
    async def work(n, delay):
        await asyncio.sleep(delay); order.append(n); return n * n
    order = []
    assert await asyncio.gather(work(1, 0.02), work(2, 0), work(3, 0.01)) == [1, 4, 9] and order == [2, 3, 1]
    task = asyncio.create_task(asyncio.sleep(10)); await asyncio.sleep(0); task.cancel()
    try:
        await task
    except asyncio.CancelledError: assert task.cancelled()
    try:
        async with asyncio.timeout(0.005): await asyncio.sleep(5)
    except TimeoutError: order.append('timeout')
    lock, event, queue = asyncio.Lock(), asyncio.Event(), asyncio.Queue()
    async def waiter():
        await event.wait()
        async with lock: queue.put_nowait('through')
    tasks = [asyncio.create_task(waiter()) for _ in range(2)]; event.set()
    assert [await queue.get() for _ in tasks] == ['through', 'through']
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(work(5, 0)); tg.create_task(fail())
    except* ValueError as group: order.append(str(group.exceptions[0]))
    assert await asyncio.to_thread(lambda x: x + 1, 41) == 42 and order[-2:] == [5, 'failed'] and 'timeout' in order
    loop = asyncio.get_running_loop(); f = loop.create_future(); loop.call_later(0.001, f.set_result, 'later'); assert await f == 'later'
    done, pending = await asyncio.wait([asyncio.create_task(work(7, 0))]); assert [t.result() for t in done] == [49] and not pending
    process = await asyncio.create_subprocess_exec('echo', 'hi', stdout=asyncio.subprocess.PIPE); out, _ = await process.communicate(); assert out == b'hi\n' and process.returncode == 0
    return 'finished'
async def fail(): raise ValueError('failed')
assert asyncio.run(main()) == 'finished'
