//! What can be asked of any object: calls, truth, repr, hash, comparison, iteration, items. Numbers are in [`crate::arithmetic`].

use crate::args::Args;
use crate::error::PyResult;
use crate::slots::CompareOp;
use crate::types::bytes::Bytes;
use crate::types::int::Int;
use crate::types::list::List;
use crate::types::list::iterators::ListIterator;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::type_object::{Subtype, Type, TypeRef};
use crate::vm::Vm;
use oriel_heap::{Ref, Value};

impl Vm {
    /// Calls with positional arguments.
    pub fn call(&self, callable: &Value, args: &[Value]) -> PyResult {
        self.call_args(callable, Args::positional_only(args))
    }

    /// Calls with any arguments.
    pub fn call_args(&self, callable: &Value, args: Args<'_>) -> PyResult {
        match self.type_of(callable).slots.call.get() {
            Some(call) => {
                self.check_stack()?;
                call(self, callable, args)
            }
            None => Err(self.type_error(format!("'{}' object is not callable", self.type_name(callable)))),
        }
    }

    /// Calls a method found as an attribute.
    pub fn call_method(&self, object: &Value, name: &Value, args: &[Value]) -> PyResult {
        self.call_method_args(object, name, Args::positional_only(args))
    }

    /// Calls a method found as an attribute, with any arguments. A function of the class is called without binding it.
    pub fn call_method_args(&self, object: &Value, name: &Value, args: Args<'_>) -> PyResult {
        const ROOM: usize = 6;
        let (method, needs_self) = self.get_method(object, name)?;
        if !needs_self {
            return self.call_args(&method, args);
        }
        if args.values.len() < ROOM {
            let mut values = [const { Value::NONE }; ROOM];
            values[0] = object.clone();
            for (place, value) in values[1..].iter_mut().zip(args.values) {
                *place = value.clone();
            }
            return self.call_args(&method, Args { values: &values[..args.values.len() + 1], names: args.names });
        }
        let mut values = Vec::with_capacity(args.values.len() + 1);
        values.push(object.clone());
        values.extend_from_slice(args.values);
        self.call_args(&method, Args { values: &values, names: args.names })
    }

    /// Calls a method by its Rust text.
    pub fn call_method_str(&self, object: &Value, name: &str, args: &[Value]) -> PyResult {
        self.call_method(object, &self.intern(name), args)
    }

    /// Calls a special method found on the type; nothing where there is none.
    pub fn call_special(&self, object: &Value, name: &Value, args: &[Value]) -> PyResult<Option<Value>> {
        match self.lookup_method(object, name)? {
            None => Ok(None),
            Some((method, false)) => self.call(&method, args).map(Some),
            Some((method, true)) => {
                let mut values = smallvec::SmallVec::<[Value; 4]>::new();
                values.push(object.clone());
                values.extend(args.iter().cloned());
                self.call(&method, &values).map(Some)
            }
        }
    }

    /// `bool(value)`
    #[inline]
    pub fn truth(&self, value: &Value) -> PyResult<bool> {
        if let Some(flag) = value.as_bool() {
            return Ok(flag);
        }
        if let Some(number) = value.as_small_int() {
            return Ok(number != 0);
        }
        if value.is_none() {
            return Ok(false);
        }
        self.truth_slow(value)
    }

    #[inline(never)]
    fn truth_slow(&self, value: &Value) -> PyResult<bool> {
        if let Some(number) = value.as_immediate_float() {
            return Ok(number != 0.0);
        }
        let ty = self.type_of(value);
        if ty.is(&self.types.list)
            && let Some(list) = value.downcast::<List>()
        {
            return Ok(!list.is_empty());
        }
        if ty.is(&self.types.dict)
            && let Some(dict) = value.downcast::<crate::types::dict::Dict>()
        {
            return Ok(!dict.is_empty());
        }
        let slots = &ty.slots;
        if let Some(nb_bool) = slots.nb_bool.get() {
            return nb_bool(self, value);
        }
        if let Some(length) = slots.mp_length.get().or(slots.sq_length.get()) {
            return Ok(length(self, value)? > 0);
        }
        Ok(true)
    }

    /// `repr(value)`: a `str`.
    pub fn repr(&self, value: &Value) -> PyResult {
        let Some(repr) = self.type_of(value).slots.repr.get() else {
            return Ok(self.new_str(&format!("<{} object at {:#x}>", self.type_name(value), value.word())));
        };
        if self.stack_is_low() {
            return Err(self.recursion_error("maximum recursion depth exceeded while getting the repr of an object"));
        }
        let text = repr(self, value)?;
        if text.downcast::<Str>().is_none() {
            return Err(self.type_error(format!("__repr__ returned non-string (type {})", self.type_name(&text))));
        }
        Ok(text)
    }

    /// `str(value)`: a `str`.
    pub fn str(&self, value: &Value) -> PyResult {
        if self.is_exact_str(value) {
            return Ok(value.clone());
        }
        let Some(str) = self.type_of(value).slots.str.get() else { return self.repr(value) };
        if self.stack_is_low() {
            return Err(self.recursion_error("maximum recursion depth exceeded while getting the str of an object"));
        }
        let text = str(self, value)?;
        if text.downcast::<Str>().is_none() {
            return Err(self.type_error(format!("__str__ returned non-string (type {})", self.type_name(&text))));
        }
        Ok(text)
    }

    /// `repr(value)` as Rust text, for messages.
    pub fn repr_text(&self, value: &Value) -> PyResult<String> {
        Ok(self.str_text(&self.repr(value)?))
    }

    /// Marks that the `repr` of a container is under way; false when it already is (then `[...]` is printed).
    pub fn enter_repr(&self, value: &Value) -> bool {
        let mut running = self.repr_running.borrow_mut();
        if running.contains(&value.word()) {
            return false;
        }
        running.push(value.word());
        true
    }

    /// The opposite of [`Vm::enter_repr`].
    pub fn leave_repr(&self, value: &Value) {
        let mut running = self.repr_running.borrow_mut();
        if let Some(index) = running.iter().rposition(|word| *word == value.word()) {
            running.remove(index);
        }
    }

    /// `hash(value)`
    #[inline]
    pub fn hash(&self, value: &Value) -> PyResult<i64> {
        if let Some(number) = value.as_small_int() {
            return Ok(oriel_kernel::hash::hash_i64(number));
        }
        if self.type_of(value).is(&self.types.str)
            && let Some(string) = value.downcast::<Str>()
        {
            return Ok(string.hash(self));
        }
        match self.type_of(value).slots.hash.get() {
            Some(hash) => {
                self.check_stack()?;
                hash(self, value)
            }
            None => Err(self.unhashable(value)),
        }
    }

    /// The TypeError of hashing what cannot be.
    #[cold]
    pub fn unhashable(&self, value: &Value) -> crate::error::Raised {
        self.type_error(format!("unhashable type: '{}'", self.type_name(value)))
    }

    /// A comparison whose result may be any object.
    pub fn rich_compare(&self, a: &Value, b: &Value, op: CompareOp) -> PyResult {
        self.check_stack_for(" in comparison")?;
        let (type_a, type_b) = (self.type_of(a), self.type_of(b));
        if type_a.is(type_b)
            && let Some(compare) = type_a.slots.richcompare.get()
        {
            let result = compare(self, a, b, op)?;
            if !result.is_not_implemented() {
                return Ok(result);
            }
        }
        let mut reflected_done = false;
        if !type_a.is(type_b)
            && type_b.is_subtype(type_a)
            && let Some(compare) = type_b.slots.richcompare.get()
        {
            reflected_done = true;
            let result = compare(self, b, a, op.swapped())?;
            if !result.is_not_implemented() {
                return Ok(result);
            }
        }
        let (type_a, type_b) = (self.type_of(a), self.type_of(b));
        if !type_a.is(type_b)
            && let Some(compare) = type_a.slots.richcompare.get()
        {
            let result = compare(self, a, b, op)?;
            if !result.is_not_implemented() {
                return Ok(result);
            }
        }
        if !reflected_done && let Some(compare) = self.type_of(b).slots.richcompare.get() {
            let result = compare(self, b, a, op.swapped())?;
            if !result.is_not_implemented() {
                return Ok(result);
            }
        }
        self.compare_default(a, b, op)
    }

    /// A comparison where the method of `a`, one in Python that goes first, has declined.
    pub(crate) fn compare_after_left(&self, a: &Value, b: &Value, op: CompareOp) -> PyResult {
        if let Some(compare) = self.type_of(b).slots.richcompare.get() {
            let result = compare(self, b, a, op.swapped())?;
            if !result.is_not_implemented() {
                return Ok(result);
            }
        }
        self.compare_default(a, b, op)
    }

    fn compare_default(&self, a: &Value, b: &Value, op: CompareOp) -> PyResult {
        match op {
            CompareOp::Eq => Ok(Value::bool(a.is(b))),
            CompareOp::Ne => Ok(Value::bool(!a.is(b))),
            _ => Err(self.type_error(format!(
                "'{}' not supported between instances of '{}' and '{}'",
                op.symbol(),
                self.type_name(a),
                self.type_name(b)
            ))),
        }
    }

    /// Refuses to go deeper when the native stack is nearly used up, saying during what.
    pub fn check_stack_for(&self, during: &str) -> PyResult<()> {
        if self.stack_is_low() {
            return Err(self.recursion_error(format!("maximum recursion depth exceeded{during}")));
        }
        Ok(())
    }

    /// A comparison as a truth; identical objects are equal (CPython's `PyObject_RichCompareBool`).
    pub fn compare_bool(&self, a: &Value, b: &Value, op: CompareOp) -> PyResult<bool> {
        if Value::both_small_ints(a, b) {
            return Ok(op.of((a.word() as i64).cmp(&(b.word() as i64))));
        }
        if a.is(b) {
            match op {
                CompareOp::Eq => return Ok(true),
                CompareOp::Ne => return Ok(false),
                _ => {}
            }
        }
        let result = self.rich_compare(a, b, op)?;
        self.truth(&result)
    }

    /// Whether two are identical or equal.
    #[inline]
    pub fn equal(&self, a: &Value, b: &Value) -> PyResult<bool> {
        if a.is(b) {
            // A float that is not a number is a heap object; identical ones count as equal here, as in CPython.
            return Ok(true);
        }
        if Value::both_small_ints(a, b) {
            return Ok(false);
        }
        match self.known_equal(a, b, 2) {
            Some(equal) => Ok(equal),
            None => self.compare_bool(a, b, CompareOp::Eq),
        }
    }

    /// Whether two are equal, as far as that can be told without running any code: by identity, and for numbers, strings,
    /// bytes and tuples of such, these so many levels deep.
    pub(crate) fn known_equal(&self, a: &Value, b: &Value, levels: u32) -> Option<bool> {
        if a.is(b) {
            return Some(true);
        }
        if Value::both_small_ints(a, b) {
            return Some(false);
        }
        let (Some(x), Some(y)) = (a.header(), b.header()) else {
            let (x, y) = (a.as_immediate_float()?, b.as_immediate_float()?);
            return Some(x == y);
        };
        let ty = x.type_pointer();
        if ty != y.type_pointer() {
            return None;
        }
        if ty == self.types.str.as_value().raw() {
            return Some(a.downcast::<Str>()?.same(b.downcast::<Str>()?));
        }
        if ty == self.types.bytes.as_value().raw() {
            return Some(a.downcast::<Bytes>()?.as_slice() == b.downcast::<Bytes>()?.as_slice());
        }
        if ty == self.types.tuple.as_value().raw() && levels > 0 {
            let (x, y) = (a.downcast::<Tuple>()?, b.downcast::<Tuple>()?);
            for (x, y) in x.items().iter().zip(y.items()) {
                if !self.known_equal(x, y, levels - 1)? {
                    return Some(false);
                }
            }
            return Some(x.len() == y.len());
        }
        None
    }

    /// `len(value)`
    pub fn len(&self, value: &Value) -> PyResult<usize> {
        match self.len_opt(value)? {
            Some(length) => Ok(length),
            None => Err(self.type_error(format!("object of type '{}' has no len()", self.type_name(value)))),
        }
    }

    /// `len(value)`, nothing where the type has no length.
    pub fn len_opt(&self, value: &Value) -> PyResult<Option<usize>> {
        let slots = &self.type_of(value).slots;
        match slots.sq_length.get().or(slots.mp_length.get()) {
            Some(length) => length(self, value).map(Some),
            None => Ok(None),
        }
    }

    /// How many items an iterable is likely to give (`operator.length_hint`).
    pub fn length_hint(&self, value: &Value, default: usize) -> PyResult<usize> {
        if let Some(length) = self.catch(self.len_opt(value), &self.types.type_error)?.flatten() {
            return Ok(length);
        }
        let hint = match self.call_special(value, &self.names.__length_hint__, &[]) {
            Ok(Some(hint)) => hint,
            Ok(None) => return Ok(default),
            Err(raised) if self.raised_is(&raised, &self.types.type_error) => return Ok(default),
            Err(raised) => return Err(raised),
        };
        if hint.is_not_implemented() {
            return Ok(default);
        }
        match self.small_or_big(&hint) {
            None => Err(self.type_error(format!("__length_hint__ must be an integer, not {}", self.type_name(&hint)))),
            Some(Ok(number)) if number < 0 => Err(self.value_error("__length_hint__() should return >= 0")),
            Some(Ok(number)) => Ok(number as usize),
            Some(Err(_)) => Err(self.overflow_error("Python int too large to convert to C ssize_t")),
        }
    }

    /// `iter(value)`
    pub fn iter(&self, value: &Value) -> PyResult {
        let ty = self.type_of(value);
        let Some(iter) = ty.slots.iter.get() else {
            if ty.slots.sq_item.get().is_some() {
                return self.new_sequence_iterator(value);
            }
            return Err(self.type_error(format!("'{}' object is not iterable", self.type_name(value))));
        };
        let iterator = iter(self, value)?;
        if self.type_of(&iterator).slots.next.get().is_none() {
            let name = self.type_name(&iterator);
            return Err(self.type_error(format!("iter() returned non-iterator of type '{name}'")));
        }
        Ok(iterator)
    }

    /// The next item of an iterator; nothing at the end, however the iterator says that.
    #[inline]
    pub fn next(&self, iterator: &Value) -> PyResult<Option<Value>> {
        if self.type_of(iterator).is(&self.types.list_iterator)
            && let Some(iterator) = iterator.downcast::<ListIterator>()
        {
            return Ok(iterator.advance());
        }
        match self.next_or_stop(iterator) {
            Err(raised) if self.raised_is(&raised, &self.types.stop_iteration) => Ok(None),
            other => other,
        }
    }

    /// The next item of an iterator; at the end nothing, or StopIteration, whose value then matters.
    #[inline]
    pub fn next_or_stop(&self, iterator: &Value) -> PyResult<Option<Value>> {
        match self.type_of(iterator).slots.next.get() {
            Some(next) => next(self, iterator),
            None => Err(self.type_error(format!("'{}' object is not an iterator", self.type_name(iterator)))),
        }
    }

    /// Calls a function with each item of an iterable.
    pub fn for_each(&self, iterable: &Value, mut each: impl FnMut(Value) -> PyResult<()>) -> PyResult<()> {
        self.for_each_while(iterable, |item| each(item).map(|()| true)).map(drop)
    }

    /// Calls a function with each item while it says so; whether the end was reached. Exact lists and tuples need no
    /// iterator.
    #[inline]
    pub fn for_each_while(&self, iterable: &Value, mut each: impl FnMut(Value) -> PyResult<bool>) -> PyResult<bool> {
        let ty = self.type_of(iterable);
        if ty.is(&self.types.list)
            && let Some(list) = iterable.downcast::<List>()
        {
            // The list may change meanwhile, as it may under an iterator.
            let held = list.clone();
            let mut index = 0;
            while let Some(item) = held.get(index) {
                if !each(item)? {
                    return Ok(false);
                }
                index += 1;
            }
            return Ok(true);
        }
        if ty.is(&self.types.tuple)
            && let Some(tuple) = iterable.downcast::<Tuple>()
        {
            let held = tuple.clone();
            for item in held.items() {
                if !each(item.clone())? {
                    return Ok(false);
                }
            }
            return Ok(true);
        }
        let iterator = self.iter(iterable)?;
        while let Some(item) = self.next(&iterator)? {
            if !each(item)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// All items of an iterable; exact tuples and lists are copied without iterating.
    pub fn collect(&self, iterable: &Value) -> PyResult<Vec<Value>> {
        let ty = self.type_of(iterable);
        if ty.is(&self.types.tuple)
            && let Some(tuple) = iterable.downcast::<Tuple>()
        {
            return Ok(tuple.items().to_vec());
        }
        if ty.is(&self.types.list)
            && let Some(list) = iterable.downcast::<List>()
        {
            return Ok(list.snapshot());
        }
        if let Some(items) = self.ready_items(iterable) {
            return items;
        }
        let iterator = self.iter(iterable)?;
        let hint = self.length_hint(iterable, 8)?;
        let mut items = Vec::new();
        if items.try_reserve(hint.min(1 << 20)).is_err() {
            return Err(self.memory_error());
        }
        while let Some(item) = self.next(&iterator)? {
            if items.len() == items.capacity() && items.try_reserve(items.len().max(8)).is_err() {
                return Err(self.memory_error());
            }
            items.push(item);
        }
        Ok(items)
    }

    /// All items of what gives them without running any code: exact ranges, strings, bytes, dicts and sets.
    pub(crate) fn ready_items(&self, iterable: &Value) -> Option<PyResult<Vec<Value>>> {
        let (ty, types) = (self.type_of(iterable), &self.types);
        let filled = |count: usize, fill: &dyn Fn(&mut Vec<Value>)| {
            let mut items = self.try_vec(count)?;
            fill(&mut items);
            Ok(items)
        };
        Some(if ty.is(&types.range) {
            let (start, step, length) = iterable.downcast::<crate::types::range::Range>()?.small()?;
            let number = |index: i64| self.new_int(start.wrapping_add(index.wrapping_mul(step)));
            filled(usize::try_from(length).ok()?, &|items| items.extend((0..length).map(number)))
        } else if ty.is(&types.str) {
            let text = iterable.downcast::<Str>()?.text();
            filled(text.len(), &|items| match text {
                oriel_kernel::text::Text::Ascii(text) => {
                    items.extend(text.bytes().map(|byte| self.new_char(u32::from(byte))));
                }
                text => items.extend(text.chars().map(|character| self.new_char(character))),
            })
        } else if ty.is(&types.bytes) {
            let bytes = iterable.downcast::<crate::types::bytes::Bytes>()?.as_slice();
            filled(bytes.len(), &|items| items.extend(bytes.iter().map(|byte| Value::small(i32::from(*byte)))))
        } else if ty.is(&types.dict) {
            let dict = iterable.downcast::<crate::types::dict::Dict>()?;
            filled(dict.len(), &|items| {
                let mut position = 0;
                while let Some((key, _, _)) = dict.next_entry_hashed(&mut position) {
                    items.push(key);
                }
            })
        } else if ty.is(&types.set) || ty.is(&types.frozenset) {
            let set = iterable.downcast::<crate::types::set::Set>()?;
            filled(set.len(), &|items| {
                let mut slot = 0;
                while let Some((key, _)) = set.next_key(&mut slot) {
                    items.push(key);
                }
            })
        } else {
            return None;
        })
    }

    /// `container[key]`
    pub fn get_item(&self, container: &Value, key: &Value) -> PyResult {
        let slots = &self.type_of(container).slots;
        if let Some(subscript) = slots.mp_subscript.get() {
            return subscript(self, container, key);
        }
        if let Some(item) = slots.sq_item.get() {
            if self.type_of(key).slots.nb_index.get().is_none() {
                let name = self.type_name(key);
                return Err(self.type_error(format!("sequence index must be integer, not '{name}'")));
            }
            let index = self.sequence_index(container, key)?;
            return item(self, container, index);
        }
        if let Some(class) = container.downcast::<Type>() {
            if class.is(&self.types.type_) {
                return self.new_generic_alias(container, key);
            }
            let method = self.get_attr_opt(container, &self.names.__class_getitem__)?;
            if let Some(method) = method.filter(|method| !method.is_none()) {
                return self.call(&method, std::slice::from_ref(key));
            }
            let name = self.full_name(class);
            return Err(self.type_error(format!("type '{name}' is not subscriptable")));
        }
        Err(self.type_error(format!("'{}' object is not subscriptable", self.type_name(container))))
    }

    fn sequence_index(&self, container: &Value, key: &Value) -> PyResult<isize> {
        let index = self.to_isize_index(key)?;
        if index < 0
            && let Some(length) = self.type_of(container).slots.sq_length.get()
        {
            return Ok(index + length(self, container)? as isize);
        }
        Ok(index)
    }

    /// `container[key] = value`
    pub fn set_item(&self, container: &Value, key: &Value, value: &Value) -> PyResult<()> {
        self.set_or_del_item(container, key, Some(value))
    }

    /// `del container[key]`
    pub fn del_item(&self, container: &Value, key: &Value) -> PyResult<()> {
        self.set_or_del_item(container, key, None)
    }

    fn set_or_del_item(&self, container: &Value, key: &Value, value: Option<&Value>) -> PyResult<()> {
        let slots = &self.type_of(container).slots;
        if let Some(assign) = slots.mp_ass_subscript.get() {
            return assign(self, container, key, value);
        }
        if let Some(assign) = slots.sq_ass_item.get() {
            if self.type_of(key).slots.nb_index.get().is_none() {
                let name = self.type_name(key);
                return Err(self.type_error(format!("sequence index must be integer, not '{name}'")));
            }
            let index = self.sequence_index(container, key)?;
            return assign(self, container, index, value);
        }
        let what = if value.is_some() { "does not support item assignment" } else { "doesn't support item deletion" };
        Err(self.type_error(format!("'{}' object {what}", self.type_name(container))))
    }

    /// `item in container`
    pub fn contains(&self, container: &Value, item: &Value) -> PyResult<bool> {
        let ty = self.type_of(container);
        if let Some(contains) = ty.slots.sq_contains.get() {
            return contains(self, container, item);
        }
        if ty.slots.iter.get().is_none() && ty.slots.sq_item.get().is_none() {
            let name = self.type_name(container);
            return Err(self.type_error(format!("argument of type '{name}' is not a container or iterable")));
        }
        let iterator = self.iter(container)?;
        while let Some(candidate) = self.next(&iterator)? {
            if self.equal(&candidate, item)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// `isinstance(object, class)` where the class is a type, by the type alone.
    #[inline]
    pub fn is_instance_exact(&self, object: &Value, class: &TypeRef) -> bool {
        self.type_of(object).is_subtype(class)
    }

    /// An exact or subclassed `int` as a machine number, or as a big one; nothing for all else.
    pub fn small_or_big<'a>(&self, value: &'a Value) -> Option<Result<i64, &'a Ref<Int>>> {
        if let Some(number) = value.as_small_int() {
            return Some(Ok(number));
        }
        if let Some(flag) = value.as_bool() {
            return Some(Ok(i64::from(flag)));
        }
        let int = value.downcast::<Int>()?;
        Some(i64::try_from(&int.value).map_err(|_| int))
    }

    /// `operator.index(value)`: an `int`.
    pub fn index(&self, value: &Value) -> PyResult {
        if self.small_or_big(value).is_some() {
            return Ok(value.clone());
        }
        let Some(index) = self.type_of(value).slots.nb_index.get() else {
            let name = self.type_name(value);
            return Err(self.type_error(format!("'{name}' object cannot be interpreted as an integer")));
        };
        let result = index(self, value)?;
        if self.small_or_big(&result).is_none() {
            let name = self.type_name(&result);
            return Err(self.type_error(format!("__index__ returned non-int (type {name})")));
        }
        if !self.type_of(&result).is(&self.types.int) {
            self.warn_int_subclass("__index__", &result)?;
        }
        Ok(result)
    }

    /// An index, clipped to what a machine word holds.
    pub fn to_isize_clipped(&self, value: &Value) -> PyResult<isize> {
        let index = self.index(value)?;
        Ok(match self.small_or_big(&index) {
            Some(Ok(number)) => number as isize,
            Some(Err(big)) if big.value < dashu_int::IBig::ZERO => isize::MIN,
            _ => isize::MAX,
        })
    }

    /// An index for a sequence: IndexError where it does not fit a machine word.
    pub fn to_isize_index(&self, value: &Value) -> PyResult<isize> {
        let index = self.index(value)?;
        match self.small_or_big(&index) {
            Some(Ok(number)) => Ok(number as isize),
            _ => Err(self.index_error(format!("cannot fit '{}' into an index-sized integer", self.type_name(value)))),
        }
    }

    /// A size or count: OverflowError where it does not fit a machine word.
    pub fn to_isize(&self, value: &Value) -> PyResult<isize> {
        let index = self.index(value)?;
        match self.small_or_big(&index) {
            Some(Ok(number)) => Ok(number as isize),
            _ => Err(self.overflow_error("Python int too large to convert to C ssize_t")),
        }
    }

    /// A C `int`.
    pub fn to_i32(&self, value: &Value) -> PyResult<i32> {
        let index = self.index(value)?;
        match self.small_or_big(&index) {
            Some(Ok(number)) => {
                i32::try_from(number).map_err(|_| self.overflow_error("Python int too large to convert to C int"))
            }
            _ => Err(self.overflow_error("Python int too large to convert to C int")),
        }
    }

    /// A C `long`.
    pub fn to_i64(&self, value: &Value) -> PyResult<i64> {
        let index = self.index(value)?;
        match self.small_or_big(&index) {
            Some(Ok(number)) => Ok(number),
            _ => Err(self.overflow_error("Python int too large to convert to C long")),
        }
    }
}
