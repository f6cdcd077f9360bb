//! The audit of counts: what the stress build checks at each collection and at exit.

use crate::alloc::Heap;
use crate::collect::visit_references;
use crate::header::Header;
use crate::value::Value;
use std::collections::HashMap;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;

/// What freed memory is filled with in the stress build, so that a use of it shows.
#[cfg(feature = "stress")]
pub(crate) const FREED: u8 = 0xdb;

/// An object that others refer to more often than its count says.
#[derive(Debug, Clone, Copy)]
pub struct Overdrawn {
    /// One of the objects that refer to it.
    pub holder: NonNull<Header>,
    /// The object.
    pub object: NonNull<Header>,
    /// References that other objects own.
    pub references: u32,
    /// What its count says.
    pub count: u32,
}

/// What an audit found.
#[derive(Debug, Default)]
pub struct Audit {
    /// Containers that were looked at.
    pub containers: usize,
    /// References that they own.
    pub references: usize,
    /// Objects whose count is too small.
    pub overdrawn: Vec<Overdrawn>,
}

impl Heap {
    /// Counts the references between objects and compares them with what the objects' counts say. Nothing may run
    /// meanwhile; references from frames, native code and threads only make counts larger, so they do no harm.
    pub fn audit(&self) -> Audit {
        let mut audit = Audit::default();
        let mut counted: HashMap<NonNull<Header>, (u32, NonNull<Header>)> = HashMap::new();
        let containers = self.containers(None);
        // Immortal objects keep no counts: borrowing them is all that is needed.
        let immortal = ManuallyDrop::new(self.immortal_containers());
        for container in containers.iter().chain(immortal.iter()) {
            audit.containers += 1;
            // The list holds a count of its own for each.
            counted.entry(container.raw()).or_insert((0, container.raw())).0 += u32::from(!is_immortal(container));
            visit_references(container.raw(), &mut |value| {
                audit.references += 1;
                if value.is_heap() {
                    counted.entry(value.raw()).or_insert((0, container.raw())).0 += 1;
                }
            });
        }
        for (&object, &(references, holder)) in &counted {
            // SAFETY: objects that are referred to are alive, or at least still in their page: a freed one has count 0.
            let header = unsafe { object.as_ref() };
            if !header.is_immortal() && header.count() < references {
                audit.overdrawn.push(Overdrawn { holder, object, references, count: header.count() });
            }
        }
        audit
    }
}

fn is_immortal(value: &Value) -> bool {
    value.header().is_some_and(Header::is_immortal)
}

/// Ends the process: `object` refers to `value`, whose count has been used up by other references.
#[cold]
pub(crate) fn too_few_counts(object: NonNull<Header>, value: &Value) -> ! {
    // SAFETY: the collector visits live objects only.
    let (holder, held) = unsafe { (object.as_ref(), value.raw().as_ref()) };
    panic!(
        "audit: the object at {object:p} of the type at {:p} refers to the object at {:p} of the type at {:p}, whose \
         count of {} is used up by other references",
        holder.type_pointer(),
        value.raw(),
        held.type_pointer(),
        held.count(),
    );
}
