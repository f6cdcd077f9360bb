# unittest, unittest.mock and doctest drive other tests; here they are driven themselves.
import unittest, io, doctest, types
from unittest import mock
class T(unittest.TestCase):
    log = []
    @classmethod
    def setUpClass(cls): cls.log.append('class')
    def setUp(self): self.log.append('setup'); self.addCleanup(self.log.append, 'cleanup')
    def tearDown(self): self.log.append('teardown')
    def test_pass(self): self.assertEqual(1, 1); self.assertIn(1, [1]); self.assertAlmostEqual(0.1 + 0.2, 0.3); self.assertRaises(ValueError, int, 'x'); self.assertIsNone(None); self.assertRegex('abc', 'b.'); self.assertCountEqual([1, 2], [2, 1])
    def test_fail(self): self.assertEqual([1, 2], [1, 3])
    def test_error(self): 1 / 0
    @unittest.skip('reason')
    def test_skip(self): pass
    @unittest.expectedFailure
    def test_expected(self): self.fail()
    def test_sub(self):
        for i in range(3):
            with self.subTest(i=i): self.assertNotEqual(i, 1)
    def test_raises(self):
        with self.assertRaisesRegex(KeyError, 'k') as cm: {}['key']
        self.assertEqual(cm.exception.args, ('key',))
        with self.assertWarns(DeprecationWarning): __import__('warnings').warn('x', DeprecationWarning)
        with self.assertLogs('a', 'INFO') as logs: __import__('logging').getLogger('a').info('m')
        self.assertEqual(logs.output, ['INFO:a:m'])
out = io.StringIO(); result = unittest.TextTestRunner(out, verbosity=2).run(unittest.defaultTestLoader.loadTestsFromTestCase(T))
assert (result.testsRun, len(result.failures), len(result.errors), len(result.skipped), len(result.expectedFailures)) == (7, 2, 1, 1, 1) and T.log[0] == 'class' and T.log[1:4] == ['setup', 'teardown', 'cleanup']
text = out.getvalue(); assert "First differing element 1:\n2\n3\n" in text and "ZeroDivisionError: division by zero" in text and "test_skip (__main__.T.test_skip) ... skipped 'reason'" in text and 'FAILED (failures=2, errors=1, skipped=1, expected failures=1)' in text and '(i=1)' in text
class A(unittest.IsolatedAsyncioTestCase):
    async def test(self): await __import__('asyncio').sleep(0); self.assertTrue(True)
assert unittest.TextTestRunner(io.StringIO()).run(A('test')).wasSuccessful()
m = mock.Mock(return_value=3); assert m(1, x=2) == 3 and m.called; m.assert_called_once_with(1, x=2); m.attr.deep.return_value = 'd'; assert m.attr.deep() == 'd' and m.mock_calls == [mock.call(1, x=2), mock.call.attr.deep()]
m.side_effect = [1, ValueError]; assert m() == 1
try: m()
except ValueError: pass
with mock.patch('os.getcwd', return_value='/patched'):
    import os; assert os.getcwd() == '/patched'
assert os.getcwd() != '/patched'
mm = mock.MagicMock(); mm.__len__.return_value = 5; mm['k'] = 1; assert len(mm) == 5; mm.__setitem__.assert_called_with('k', 1); assert mock.Mock(spec=['a']).a and not hasattr(mock.Mock(spec=['a']), 'b') and mock.ANY == 5 and mock.sentinel.x is mock.sentinel.x
with mock.patch.dict(os.environ, {'Q': '1'}): assert os.environ['Q'] == '1'
auto = mock.create_autospec(lambda a, b: None)
try: auto(1)
except TypeError as e: assert 'missing a required argument' in str(e)
mod = types.ModuleType('mod', '''
>>> 1 + 1
2
>>> print('a\\n\\nb')
a
<BLANKLINE>
b
>>> [1, 2, 3] # doctest: +ELLIPSIS
[1, ..., 3]
>>> 1 / 0
Traceback (most recent call last):
    ...
ZeroDivisionError: division by zero
>>> 5
6
''')
runner = doctest.DocTestRunner(verbose=False); outs = []; test = doctest.DocTestParser().get_doctest(mod.__doc__, {}, 'mod', None, 0); res = runner.run(test, out=outs.append); assert (res.attempted, res.failed) == (5, 1) and 'Expected:\n    6\nGot:\n    5\n' in ''.join(outs), res
