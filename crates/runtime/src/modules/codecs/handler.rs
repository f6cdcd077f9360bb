//! The runtime's side of the kernel's codecs: faults become exceptions or calls of registered error handlers.

use crate::error::{PyResult, Raised};
use crate::types::bytes::Bytes;
use crate::types::exceptions::unicode::UnicodeError;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::vm::Vm;
use oriel_heap::Value;
use oriel_kernel::codecs::{DecodeFault, DecodeReply, EncodeFault, EncodeReply, ErrorHandler, ErrorMode, Replacement};
use oriel_kernel::text::TextBuf;

/// Handles the faults of one run of a codec.
pub struct Handler<'a> {
    /// The running thread.
    pub vm: &'a Vm,
    errors: Option<&'a str>,
    /// The object that is converted, if it is a `str` or `bytes` itself.
    object: Option<Value>,
    exception: Option<Value>,
}

impl<'a> Handler<'a> {
    /// A handler by name (`strict` where there is none) for the conversion of an object.
    pub fn new(vm: &'a Vm, errors: Option<&'a str>, object: Option<&Value>) -> Handler<'a> {
        Handler { vm, errors, object: object.cloned(), exception: None }
    }

    /// What the kernel is to do about faults.
    pub fn mode(&self) -> ErrorMode {
        self.errors.map_or(ErrorMode::Strict, ErrorMode::from_name)
    }

    fn bytes(&mut self, input: &[u8]) -> PyResult<Value> {
        match &self.object {
            Some(object) if object.downcast::<Bytes>().is_some_and(|b| b.len() == input.len()) => Ok(object.clone()),
            _ => {
                let object = self.vm.try_new_bytes(input)?;
                self.object = Some(object.clone());
                Ok(object)
            }
        }
    }

    fn decode_exception(&mut self, fault: &DecodeFault<'_>) -> Raised {
        match self.bytes(fault.input) {
            Ok(object) => self.vm.unicode_decode_error(fault.encoding, &object, fault.start, fault.end, fault.reason),
            Err(raised) => raised,
        }
    }

    fn encode_exception(&mut self, fault: &EncodeFault<'_>) -> Raised {
        let object = match &self.object {
            Some(object) if object.downcast::<Str>().is_some() => object.clone(),
            _ => match self.vm.new_text(fault.input) {
                Ok(object) => object,
                Err(raised) => return raised,
            },
        };
        self.vm.unicode_encode_error(fault.encoding, &object, fault.start, fault.end, fault.reason)
    }

    /// The exception given to handlers: one object for all faults of a run, brought up to date.
    fn updated(&mut self, fresh: impl FnOnce(&mut Self) -> Raised, start: usize, end: usize, reason: &str) -> Value {
        if let Some(exception) = &self.exception
            && let Some(body) = exception.downcast::<UnicodeError>()
        {
            body.start.set(start as isize);
            body.end.set(end as isize);
            body.reason.set(Some(self.vm.new_str(reason)));
            return exception.clone();
        }
        let exception = fresh(self).0;
        self.exception = Some(exception.clone());
        exception
    }

    fn call(&self, exception: &Value, wrong: &str) -> PyResult<(Value, isize)> {
        let vm = self.vm;
        let handler = vm.lookup_error_handler(self.errors.unwrap_or("strict"))?;
        let reply = vm.call(&handler, std::slice::from_ref(exception))?;
        let pair = match reply.downcast::<Tuple>() {
            Some(pair) if pair.len() == 2 => pair,
            _ => return Err(vm.type_error(wrong)),
        };
        let position = vm.to_isize(&pair.items()[1])?;
        Ok((pair.items()[0].clone(), position))
    }

    fn position(&self, position: isize, len: usize) -> PyResult<usize> {
        let absolute = if position < 0 { position.wrapping_add_unsigned(len) } else { position };
        match usize::try_from(absolute) {
            Ok(place) if place <= len => Ok(place),
            _ => Err(self.vm.index_error(format!("position {position} from error handler out of bounds"))),
        }
    }
}

impl ErrorHandler for Handler<'_> {
    type Error = Raised;

    fn raise_decode(&mut self, fault: &DecodeFault<'_>) -> Raised {
        self.decode_exception(fault)
    }

    fn raise_encode(&mut self, fault: &EncodeFault<'_>) -> Raised {
        self.encode_exception(fault)
    }

    fn decode(&mut self, fault: &DecodeFault<'_>) -> PyResult<DecodeReply> {
        const WRONG: &str = "decoding error handler must return (str, int) tuple";
        let vm = self.vm;
        let exception = self.updated(|this| this.decode_exception(fault), fault.start, fault.end, fault.reason);
        let Some(body) = exception.downcast::<UnicodeError>() else { return Err(Raised(exception)) };
        let (text, position) = self.call(&exception, WRONG)?;
        let Some(text) = text.downcast::<Str>() else { return Err(vm.type_error(WRONG)) };
        // The handler may have exchanged what is decoded.
        let object = body.object.get();
        let Some(object) = object.filter(|object| object.downcast::<Bytes>().is_some()) else {
            return Err(vm.type_error("exception attribute object must be bytes"));
        };
        let same = self.object.as_ref().is_some_and(|known| known.is(&object));
        let new = match object.downcast::<Bytes>() {
            Some(bytes) if !same => Some(bytes.as_slice().to_vec()),
            _ => None,
        };
        let len = new.as_ref().map_or(fault.input.len(), Vec::len);
        let position = self.position(position, len)?;
        if !same {
            self.object = Some(object);
        }
        Ok(DecodeReply { text: TextBuf::from(text.text()), position, input: new })
    }

    fn encode(&mut self, fault: &EncodeFault<'_>) -> PyResult<EncodeReply> {
        const WRONG: &str = "encoding error handler must return (str/bytes, int) tuple";
        let vm = self.vm;
        let exception = self.updated(|this| this.encode_exception(fault), fault.start, fault.end, fault.reason);
        if exception.downcast::<UnicodeError>().is_none() {
            return Err(Raised(exception));
        }
        let (replacement, position) = self.call(&exception, WRONG)?;
        let replacement = if let Some(text) = replacement.downcast::<Str>() {
            Replacement::Text(TextBuf::from(text.text()))
        } else if let Some(bytes) = replacement.downcast::<Bytes>() {
            Replacement::Bytes(bytes.as_slice().to_vec())
        } else {
            return Err(vm.type_error(WRONG));
        };
        let position = self.position(position, fault.input.len())?;
        Ok(EncodeReply { replacement, position })
    }
}
