//! Lists of objects that are in them without being held: an object of a native type lists itself, and its end takes it
//! out. Cheaper than weak references where a program never sees these.

use oriel_heap::{Header, Value, block_capacity};
use std::cell::{Cell, RefCell};
use std::mem::ManuallyDrop;
use std::ptr::NonNull;
use std::rc::Rc;

/// The list.
#[derive(Default)]
pub struct WeakMembers {
    places: RefCell<Vec<Option<NonNull<Header>>>>,
    free: RefCell<Vec<usize>>,
}

/// An object's place in a list; lies in the object's body.
#[derive(Default)]
pub struct Membership {
    list: RefCell<Option<Rc<WeakMembers>>>,
    place: Cell<usize>,
}

impl WeakMembers {
    /// The members that are alive.
    pub fn values(&self) -> Vec<Value> {
        let places = self.places.borrow();
        let alive = places.iter().flatten().filter_map(|header| {
            // SAFETY: a member's place is emptied when its body is dropped, which is before its memory is freed; one
            // whose count is zero is being freed.
            unsafe {
                if header.as_ref().count() == 0 {
                    return None;
                }
                let member = ManuallyDrop::new(Value::from_header(*header));
                Some(Value::clone(&member))
            }
        });
        alive.collect()
    }
}

impl Membership {
    /// Puts the object whose body this lies in into a list; nothing happens for any other object, or if it is in one.
    pub fn join(&self, list: &Rc<WeakMembers>, member: &Value) {
        if !member.is_heap() || self.list.borrow().is_some() {
            return;
        }
        let header = member.raw();
        let offset = (std::ptr::from_ref(self) as usize).checked_sub(header.as_ptr() as usize);
        if offset.is_none_or(|offset| offset >= block_capacity(member)) {
            return;
        }
        let place = match list.free.borrow_mut().pop() {
            Some(place) => place,
            None => {
                list.places.borrow_mut().push(None);
                list.places.borrow().len() - 1
            }
        };
        if let Some(slot) = list.places.borrow_mut().get_mut(place) {
            *slot = Some(header);
        }
        self.place.set(place);
        self.list.replace(Some(list.clone()));
    }

    /// Takes the object out of its list.
    pub fn leave(&self) {
        if let Some(list) = self.list.take() {
            if let Some(slot) = list.places.borrow_mut().get_mut(self.place.get()) {
                *slot = None;
            }
            list.free.borrow_mut().push(self.place.get());
        }
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        self.leave();
    }
}
