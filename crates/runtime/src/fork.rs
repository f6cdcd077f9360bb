//! Forking the process, and what the interpreter does about it: the functions of `os.register_at_fork`.

use crate::error::PyResult;
use crate::platform::{Result, checked};
use crate::vm::Vm;
use oriel_heap::Value;
use std::cell::RefCell;

/// The functions to be called around forks, in the order in which they were registered.
#[derive(Default)]
struct AtFork {
    before: RefCell<Vec<Value>>,
    in_child: RefCell<Vec<Value>>,
    in_parent: RefCell<Vec<Value>>,
    /// What native modules do in the child, before anything else.
    native: RefCell<Vec<fn(&Vm)>>,
}

impl Vm {
    /// Has functions called around forks.
    pub fn register_at_fork(&self, before: Option<&Value>, in_child: Option<&Value>, in_parent: Option<&Value>) {
        let hooks = self.state::<AtFork>();
        for (list, function) in [(&hooks.before, before), (&hooks.in_child, in_child), (&hooks.in_parent, in_parent)] {
            list.borrow_mut().extend(function.cloned());
        }
    }

    /// Has a native function called in each child.
    pub fn after_each_fork(&self, function: fn(&Vm)) {
        self.state::<AtFork>().native.borrow_mut().push(function);
    }

    fn run_fork_hooks(&self, functions: Vec<Value>, when: &str) {
        for function in functions {
            if let Err(raised) = self.call(&function, &[]) {
                self.write_unraisable(raised, Some(&function), &format!("Exception ignored {when}"));
            }
        }
    }

    /// What is to be done before a fork that the interpreter lives through.
    pub fn before_fork(&self) {
        let hooks = self.state::<AtFork>();
        let functions = hooks.before.borrow().iter().rev().cloned().collect();
        self.run_fork_hooks(functions, "in before fork callback");
    }

    /// What is to be done in the parent after a fork, or after one that failed.
    pub fn after_fork_in_parent(&self) {
        let hooks = self.state::<AtFork>();
        let functions = hooks.in_parent.borrow().clone();
        self.run_fork_hooks(functions, "in after fork in parent callback");
    }

    /// What is to be done in the child after a fork: only this thread is left.
    pub fn after_fork_in_child(&self) {
        self.reset_gil_after_fork();
        self.forget_other_threads(self);
        crate::platform::signals::forget_all();
        let hooks = self.state::<AtFork>();
        let native = hooks.native.borrow().clone();
        for function in native {
            function(self);
        }
        let functions = hooks.in_child.borrow().clone();
        self.run_fork_hooks(functions, "in after fork in child callback");
    }

    /// Forks. Gives 0 in the child, in the parent the child's number; the inner error is the error number.
    pub fn fork(&self) -> PyResult<Result<i32>> {
        self.before_fork();
        // SAFETY: the GIL is held, so no other thread is in the middle of changing what the child will use.
        let result = checked(unsafe { libc::fork() });
        match result {
            Ok(0) => self.after_fork_in_child(),
            _ => self.after_fork_in_parent(),
        }
        Ok(result.map(|process| process as i32))
    }
}
