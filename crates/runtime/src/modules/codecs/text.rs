//! `str` to `bytes` and back by the name of an encoding: the frequent ones run without a look-up.

use super::handler::Handler;
use super::names::{Known, check_name, known};
use crate::error::PyResult;
use crate::types::bytes::Bytes;
use crate::types::str::Str;
use crate::vm::Vm;
use oriel_heap::{Ref, Value};
use oriel_kernel::codecs::{single_byte, utf8, utf16, utf32};
use oriel_kernel::text::Text;

impl Vm {
    /// `str.encode` with the arguments as they were given.
    pub fn encode_object(
        &self,
        text: &Value,
        function: &str,
        encoding: Option<&Value>,
        errors: Option<&Value>,
    ) -> PyResult {
        let encoding = check_name(self, function, "'encoding'", encoding)?;
        let errors = check_name(self, function, "'errors'", errors)?;
        self.check_codec_names(encoding.as_deref(), errors.as_deref())?;
        self.encode_text(text, encoding.as_deref(), errors.as_deref())
    }

    /// `bytes.decode` with the arguments as they were given: the object is bytes-like.
    pub fn decode_arguments(
        &self,
        bytes: &Value,
        function: &str,
        encoding: Option<&Value>,
        errors: Option<&Value>,
    ) -> PyResult {
        let encoding = check_name(self, function, "'encoding'", encoding)?;
        let errors = check_name(self, function, "'errors'", errors)?;
        self.check_codec_names(encoding.as_deref(), errors.as_deref())?;
        self.decode_bytes(bytes, encoding.as_deref(), errors.as_deref())
    }

    /// In development mode names are looked up even where nothing comes of them.
    pub fn check_codec_names(&self, encoding: Option<&str>, errors: Option<&str>) -> PyResult<()> {
        if !self.config.dev_mode {
            return Ok(());
        }
        if let Some(encoding) = encoding
            && known(encoding).is_none()
        {
            self.lookup_codec(encoding)?;
        }
        if let Some(errors) = errors
            && !matches!(errors, "strict" | "ignore" | "replace" | "surrogateescape" | "surrogatepass")
        {
            self.lookup_error_handler(errors)?;
        }
        Ok(())
    }

    /// The `bytes` of a `str` in an encoding (UTF-8 where there is none).
    pub fn encode_text(&self, text: &Value, encoding: Option<&str>, errors: Option<&str>) -> PyResult {
        let Some(string) = text.downcast::<Str>() else {
            return Err(self.type_error(format!("a str is needed, not '{}'", self.type_name(text))));
        };
        let encoding = encoding.unwrap_or("utf-8");
        let Some(known) = known(encoding) else { return self.encode_by_registry(text, encoding, errors) };
        match (known, string.text()) {
            (Known::Utf8 | Known::Ascii | Known::Latin1, Text::Ascii(text)) => {
                return self.try_new_bytes(text.as_bytes());
            }
            (Known::Latin1, Text::Latin1(bytes)) => return self.try_new_bytes(bytes),
            _ => {}
        }
        let mut handler = Handler::new(self, errors, Some(text));
        let (mode, text) = (handler.mode(), string.text());
        let bytes = match known {
            Known::Utf8 => utf8::encode(text, mode, &mut handler)?,
            Known::Ascii => single_byte::encode_ascii(text, mode, &mut handler)?,
            Known::Latin1 => single_byte::encode_latin1(text, mode, &mut handler)?,
            Known::Utf16 => utf16::encode(text, mode, &mut handler, utf16::ByteOrder::Marked)?,
            Known::Utf32 => utf32::encode(text, mode, &mut handler, utf16::ByteOrder::Marked)?,
        };
        self.try_new_bytes(&bytes)
    }

    fn encode_by_registry(&self, text: &Value, encoding: &str, errors: Option<&str>) -> PyResult {
        let codec = self.lookup_text_codec(encoding, "codecs.encode()")?;
        let result = self.run_codec(&codec, 0, encoding, text, errors)?;
        if result.downcast::<Bytes>().is_some() {
            return Ok(result);
        }
        let given = self.type_name(&result);
        if given == "bytearray"
            && let Some(bytes) = self.bytes_of(&result)
        {
            self.warn(
                &self.types.runtime_warning,
                &format!(
                    "encoder {encoding} returned bytearray instead of bytes; use codecs.encode() to encode to arbitrary types"
                ),
                1,
            )?;
            return self.try_new_bytes(&bytes);
        }
        Err(self.type_error(format!(
            "'{encoding}' encoder returned '{given}' instead of 'bytes'; use codecs.encode() to encode to arbitrary types"
        )))
    }

    /// The `str` of a bytes-like object in an encoding (UTF-8 where there is none).
    pub fn decode_bytes(&self, object: &Value, encoding: Option<&str>, errors: Option<&str>) -> PyResult {
        let encoding = encoding.unwrap_or("utf-8");
        let Some(known) = known(encoding) else { return self.decode_by_registry(object, encoding, errors) };
        match object.downcast::<Bytes>() {
            Some(bytes) => self.decode_known(known, bytes.as_slice(), errors, Some(object)),
            None => {
                let copy = self.buffer(object, false)?.to_vec();
                self.decode_known(known, &copy, errors, None)
            }
        }
    }

    /// The `str` of bytes in an encoding that needs no look-up, or any that has been registered.
    pub fn decode_slice(&self, bytes: &[u8], encoding: &str, errors: Option<&str>) -> PyResult {
        match known(encoding) {
            Some(known) => self.decode_known(known, bytes, errors, None),
            None => self.decode_by_registry(&self.try_new_bytes(bytes)?, encoding, errors),
        }
    }

    fn decode_known(&self, known: Known, bytes: &[u8], errors: Option<&str>, object: Option<&Value>) -> PyResult {
        if known != Known::Latin1
            && !matches!(known, Known::Utf16 | Known::Utf32)
            && let Some(text) = utf8::as_ascii(bytes)
        {
            return self.try_new_text(Text::Ascii(text));
        }
        let mut handler = Handler::new(self, errors, object);
        let mode = handler.mode();
        let text = match known {
            Known::Latin1 => return self.new_text(Text::Latin1(bytes)),
            Known::Utf8 => utf8::decode(bytes, mode, &mut handler, true)?.text,
            Known::Ascii => single_byte::decode_ascii(bytes, mode, &mut handler)?,
            Known::Utf16 => utf16::decode(bytes, mode, &mut handler, utf16::ByteOrder::Marked, true)?.text,
            Known::Utf32 => utf32::decode(bytes, mode, &mut handler, utf16::ByteOrder::Marked, true)?.text,
        };
        self.new_text_buf(&text)
    }

    fn decode_by_registry(&self, object: &Value, encoding: &str, errors: Option<&str>) -> PyResult {
        let codec = self.lookup_text_codec(encoding, "codecs.decode()")?;
        let result = self.run_codec(&codec, 1, encoding, object, errors)?;
        if result.downcast::<Str>().is_some() {
            return Ok(result);
        }
        let given = self.type_name(&result);
        Err(self.type_error(format!(
            "'{encoding}' decoder returned '{given}' instead of 'str'; use codecs.decode() to decode to arbitrary types"
        )))
    }

    /// `str(object, encoding, errors)`
    pub fn decode_object(&self, object: &Value, encoding: Option<&Value>, errors: Option<&Value>) -> PyResult {
        let encoding = check_name(self, "str", "'encoding'", encoding)?;
        let errors = check_name(self, "str", "'errors'", errors)?;
        if object.downcast::<Str>().is_some() {
            return Err(self.type_error("decoding str is not supported"));
        }
        if self.type_of(object).slots.buffer.get().is_none() {
            let given = self.type_name(object);
            return Err(self.type_error(format!("decoding to str: need a bytes-like object, {given} found")));
        }
        self.check_codec_names(encoding.as_deref(), errors.as_deref())?;
        if self.buffer(object, false)?.len == 0 {
            return Ok(self.empty_str());
        }
        self.decode_bytes(object, encoding.as_deref(), errors.as_deref())
    }

    /// The text as UTF-8; UnicodeEncodeError for lone surrogates.
    pub fn encode_utf8(&self, text: &Ref<Str>) -> PyResult<Vec<u8>> {
        let mut handler = Handler::new(self, None, Some(text.as_value()));
        utf8::encode(text.text(), handler.mode(), &mut handler)
    }

    /// Whether the `str` is an identifier.
    pub fn is_identifier(&self, name: &Value) -> bool {
        name.downcast::<Str>().is_some_and(|name| name.text().is_identifier())
    }
}
