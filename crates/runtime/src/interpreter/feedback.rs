//! The feedback vector: what running has taught at each site of lowered code. Values are remembered by place
//! (an index into a namespace, a slot, a borrowed address) together with the versions that make the place right, so
//! the vector owns no references.

use crate::lowered::Site;
use crate::types::function::Function;
use crate::vm::Vm;
use oriel_heap::{Ref, Value};
use std::cell::Cell;

/// The sites of one lowered code, by number.
pub struct Feedback {
    sites: Box<[SiteCell]>,
}

/// What is remembered at one site; what the fields mean depends on the kind of site.
#[derive(Default)]
#[repr(C)]
pub struct SiteCell {
    /// First guard (a version, or a shape); 0: nothing is remembered.
    pub guard: Cell<u32>,
    /// Second guard.
    pub second: Cell<u32>,
    /// Which case it is.
    pub case: Cell<u16>,
    /// Fails since the last success: a site that fails too often is left alone.
    pub misses: Cell<u16>,
    /// A position.
    pub index: Cell<u32>,
    /// An address that the guards keep alive.
    pub address: Cell<usize>,
    /// Another one.
    pub other: Cell<usize>,
}

const _: () = assert!(size_of::<SiteCell>() == 32);

impl Feedback {
    /// A vector that knows nothing.
    pub fn new(sites: &[Site]) -> Feedback {
        Feedback { sites: sites.iter().map(|_| SiteCell::default()).collect() }
    }

    /// A site.
    #[inline(always)]
    pub fn site(&self, number: usize) -> &SiteCell {
        &self.sites[number]
    }
}

/// The view of a site that looks up a global.
impl SiteCell {
    /// The global, if the namespaces are as they were.
    #[inline(always)]
    pub fn global(&self, function: &Function) -> Option<Value> {
        let version = self.guard.get();
        if version == 0 || function.globals.assigned_layout_version() != version {
            return None;
        }
        let builtins = self.second.get();
        if builtins != 0 && function.builtins.assigned_layout_version() != builtins {
            return None;
        }
        // SAFETY: the versions say that the namespaces' keys are as they were, so the value is still at its address;
        // cloning runs no Python code.
        unsafe { (*(self.address.get() as *const Option<Value>)).clone() }
    }

    /// Remembers where the global is.
    pub fn learn_global(&self, vm: &Vm, function: &Ref<Function>, name: &Value) {
        self.guard.set(0);
        let (globals, builtins) = (&function.globals, &function.builtins);
        if let Some(address) = globals.find_str_index(name).and_then(|index| globals.value_address(index)) {
            self.second.set(0);
            self.address.set(address as usize);
            self.guard.set(globals.layout_version(vm));
        } else if let Some(address) = builtins.find_str_index(name).and_then(|index| builtins.value_address(index)) {
            self.second.set(builtins.layout_version(vm));
            self.address.set(address as usize);
            if self.second.get() != 0 {
                self.guard.set(globals.layout_version(vm));
            }
        }
    }
}
