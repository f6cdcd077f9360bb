"""A bank whose transfers fail in every way: own exceptions, chaining, notes, groups, clean-up."""
from contextlib import contextmanager


class BankError(Exception):
    """Anything that goes wrong in the bank."""


class NotEnough(BankError):
    def __init__(self, account, needed):
        super().__init__(f'{account.owner} has {account.balance}, needs {needed}')
        self.missing = needed - account.balance


class Account:
    def __init__(self, owner, balance=0):
        self.owner, self.balance = owner, balance

    def withdraw(self, amount):
        if amount > self.balance:
            raise NotEnough(self, amount)
        self.balance -= amount

    def deposit(self, amount):
        if amount <= 0:
            raise ValueError('amounts are positive')
        self.balance += amount


@contextmanager
def transaction(*accounts):
    before = [account.balance for account in accounts]
    try:
        yield
    except Exception:
        for account, balance in zip(accounts, before):
            account.balance = balance
        raise
    else:
        print('committed', [account.balance for account in accounts])


def transfer(source, target, amount):
    with transaction(source, target):
        source.withdraw(amount)
        try:
            target.deposit(amount)
        except ValueError as error:
            raise BankError(f'cannot move {amount}') from error


ada, bob = Account('Ada', 100), Account('Bob', 20)
transfer(ada, bob, 30)
problems = []
for amount in (1000, -5):
    try:
        transfer(ada, bob, amount)
    except BankError as error:
        error.add_note(f'while moving {amount}')
        problems.append(error)
        print(type(error).__name__, error, '| cause:', repr(error.__cause__), '| notes:', error.__notes__)
    finally:
        print('balances', ada.balance, bob.balance)
try:
    raise ExceptionGroup('the day', problems)
except* NotEnough as group:
    print('missing', [error.missing for error in group.exceptions])
except* BankError as group:
    print('others', len(group.exceptions))
