//! What the decompressors of the library share: input that waits, the end of a stream and what lies behind it.

use oriel_runtime::cells::ValueCell;
use oriel_runtime::{PyResult, Raised, Value, Vm};
use std::cell::{Cell, RefCell, RefMut};

/// The least room that is made for output in one step.
const ROOM: usize = 32 * 1024;

/// What one step of a decompressor came to.
pub(crate) enum Step {
    /// So many bytes were put out.
    Put(usize),
    /// So many bytes were put out, and the stream ended.
    End(usize),
}

/// A decompressor of some library.
pub(crate) trait Engine {
    /// Takes from the front of the input and puts into the output.
    fn step(&mut self, vm: &Vm, input: &mut &[u8], output: &mut [u8]) -> PyResult<Step>;
    /// Whether more could come out though all input was taken and the output is full.
    const KEEPS_OUTPUT: bool;
    /// Whether it must not be asked again after an error.
    const BREAKS: bool = false;
    /// What is said when there is nothing more.
    const AT_END: &'static str = "End of stream already reached";
}

/// A decompressor with what it was given and did not use.
pub(crate) struct Feed<E> {
    engine: RefCell<E>,
    waiting: RefCell<Vec<u8>>,
    unused: ValueCell,
    eof: Cell<bool>,
    broken: Cell<bool>,
    needs_input: Cell<bool>,
}

impl<E: Engine> Feed<E> {
    /// Before any input.
    pub(crate) fn new(vm: &Vm, engine: E) -> Feed<E> {
        Feed {
            engine: RefCell::new(engine),
            waiting: RefCell::default(),
            unused: ValueCell::new(vm.new_bytes(b"")),
            eof: Cell::new(false),
            broken: Cell::new(false),
            needs_input: Cell::new(true),
        }
    }

    /// Whether the stream has ended.
    pub(crate) fn eof(&self) -> Value {
        Value::bool(self.eof.get())
    }

    /// Whether nothing more comes without more input.
    pub(crate) fn needs_input(&self) -> Value {
        Value::bool(self.needs_input.get())
    }

    /// What was given behind the end of the stream.
    pub(crate) fn unused(&self) -> Value {
        self.unused.get()
    }

    /// The engine, between two calls.
    pub(crate) fn engine(&self, vm: &Vm) -> PyResult<RefMut<'_, E>> {
        self.engine.try_borrow_mut().map_err(|_| busy(vm))
    }

    /// Gives input; returns output, at most so much where the limit is not negative.
    pub(crate) fn decompress(&self, vm: &Vm, data: &Value, limit: isize) -> PyResult {
        let data = vm.operand(data)?;
        if self.eof.get() {
            return Err(vm.eof_error(E::AT_END));
        }
        if self.broken.get() {
            return Err(vm.value_error("Decompressor is unusable after a previous error"));
        }
        let mut waiting = self.waiting.take();
        if !waiting.is_empty() {
            let added = data.with(|data| {
                if waiting.try_reserve(data.len()).is_err() {
                    return false;
                }
                waiting.extend_from_slice(data);
                true
            });
            if !added {
                return Err(vm.memory_error());
            }
            return self.run(vm, &waiting, limit);
        }
        data.with(|data| self.run(vm, data, limit))
    }

    fn run(&self, vm: &Vm, mut input: &[u8], limit: isize) -> PyResult {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut engine = self.engine(vm)?;
        let mut output = Vec::new();
        let mut full = false;
        let result = loop {
            let room = ROOM.max(output.len().min(1 << 20)).min(limit - output.len());
            let start = output.len();
            if output.try_reserve(room).is_err() {
                break Err(vm.memory_error());
            }
            output.resize(start + room, 0);
            let before = input.len();
            let step = engine.step(vm, &mut input, &mut output[start..]);
            let (put, ended) = match step {
                Ok(Step::Put(put)) => (put, false),
                Ok(Step::End(put)) => (put, true),
                Err(raised) => {
                    if E::BREAKS {
                        self.needs_input.set(false);
                        self.broken.set(true);
                    }
                    break Err(raised);
                }
            };
            output.truncate(start + put);
            full = put == room;
            if ended {
                self.eof.set(true);
                break Ok(());
            }
            if output.len() >= limit || (input.len() == before && put == 0) || (input.is_empty() && !full) {
                break Ok(());
            }
        };
        drop(engine);
        result?;
        if self.eof.get() {
            self.needs_input.set(false);
            self.unused.set(vm.try_new_bytes(input)?);
        } else if input.is_empty() {
            self.needs_input.set(!(full && E::KEEPS_OUTPUT));
        } else {
            self.needs_input.set(false);
            let mut waiting = Vec::new();
            waiting.try_reserve_exact(input.len()).map_err(|_| vm.memory_error())?;
            waiting.extend_from_slice(input);
            self.waiting.replace(waiting);
        }
        vm.try_new_bytes(&output)
    }
}

/// The object is in use by a call further up.
#[cold]
pub(crate) fn busy(vm: &Vm) -> Raised {
    vm.runtime_error("the object is in use already")
}

/// Runs a step function until it has taken all input and filled no output, and returns what came out. The function
/// gives how much it put out, and whether it wants to be called again although it filled less than the room.
pub(crate) fn drain(
    vm: &Vm,
    mut input: &[u8],
    mut step: impl FnMut(&mut &[u8], &mut [u8]) -> PyResult<(usize, Continue)>,
) -> PyResult<Vec<u8>> {
    let mut output = Vec::new();
    loop {
        let room = ROOM.max(output.len().min(1 << 20));
        let start = output.len();
        output.try_reserve(room).map_err(|_| vm.memory_error())?;
        output.resize(start + room, 0);
        let (put, more) = step(&mut input, &mut output[start..])?;
        output.truncate(start + put);
        match more {
            Continue::Stop => return Ok(output),
            Continue::WhileInput if input.is_empty() && put < room => return Ok(output),
            _ => {}
        }
    }
}

/// Whether [`drain`] goes on.
pub(crate) enum Continue {
    /// No.
    Stop,
    /// While there is input or the output was filled.
    WhileInput,
    /// Yes.
    Yes,
}
