"""An asyncio pipeline: producers, a bounded queue, workers, a deadline."""
import asyncio


async def produce(name, count, queue):
    for number in range(count):
        await asyncio.sleep(0)
        await queue.put((name, number))


async def work(queue, results):
    while True:
        name, number = await queue.get()
        await asyncio.sleep(0.001)
        results.setdefault(name, []).append(number * number)
        queue.task_done()


async def main():
    queue = asyncio.Queue(maxsize=3)
    results = {}
    workers = [asyncio.create_task(work(queue, results)) for _ in range(4)]
    async with asyncio.TaskGroup() as group:
        for name, count in [('a', 5), ('b', 3), ('c', 4)]:
            group.create_task(produce(name, count, queue))
    await queue.join()
    for worker in workers:
        worker.cancel()
    ended = await asyncio.gather(*workers, return_exceptions=True)
    print([type(end).__name__ for end in ended])
    for name in sorted(results):
        print(name, sorted(results[name]))
    try:
        async with asyncio.timeout(0.01):
            await asyncio.sleep(10)
    except TimeoutError:
        print('too late')


asyncio.run(main())
