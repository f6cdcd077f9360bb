//! The C library's locale, which belongs to the whole process. The GIL keeps threads of Python away from each other.

use std::ffi::{CStr, CString, c_char};

fn copy(text: *const c_char) -> Vec<u8> {
    if text.is_null() {
        return Vec::new();
    }
    // SAFETY: the C library's strings end in NUL and are copied at once.
    unsafe { CStr::from_ptr(text) }.to_bytes().to_vec()
}

/// Sets a category's locale, or with none only asks; its name, or nothing where the locale is not known.
pub fn setlocale(category: i32, locale: Option<&CStr>) -> Option<Vec<u8>> {
    let locale = locale.map_or(std::ptr::null(), CStr::as_ptr);
    // SAFETY: the name ends in NUL or is absent.
    let name = unsafe { libc::setlocale(category, locale) };
    (!name.is_null()).then(|| copy(name))
}

/// Characters as the environment asks for, UTF-8 where it asks for none.
pub fn start() {
    let name = setlocale(libc::LC_CTYPE, Some(c""));
    if name.is_none_or(|name| name == b"C" || name == b"POSIX") {
        for candidate in [c"C.UTF-8", c"C.utf8", c"UTF-8"] {
            if setlocale(libc::LC_CTYPE, Some(candidate)).is_some() {
                break;
            }
        }
    }
}

/// An item of the locale.
pub fn langinfo(item: i32) -> Vec<u8> {
    // SAFETY: takes a number; unknown ones give an empty text.
    copy(unsafe { libc::nl_langinfo(item) })
}

/// How numbers and money are written: texts, groupings and small numbers, by name.
pub struct Conventions {
    /// The texts.
    pub texts: [(&'static str, Vec<u8>); 8],
    /// The sizes of groups of digits, to the end or `CHAR_MAX`.
    pub groupings: [(&'static str, Vec<u8>); 2],
    /// The numbers.
    pub numbers: [(&'static str, i32); 8],
}

/// How numbers and money are written.
pub fn conventions() -> Conventions {
    // SAFETY: the structure belongs to the C library and is copied at once.
    unsafe {
        let c = &*libc::localeconv();
        Conventions {
            texts: [
                ("decimal_point", copy(c.decimal_point)),
                ("thousands_sep", copy(c.thousands_sep)),
                ("int_curr_symbol", copy(c.int_curr_symbol)),
                ("currency_symbol", copy(c.currency_symbol)),
                ("mon_decimal_point", copy(c.mon_decimal_point)),
                ("mon_thousands_sep", copy(c.mon_thousands_sep)),
                ("positive_sign", copy(c.positive_sign)),
                ("negative_sign", copy(c.negative_sign)),
            ],
            groupings: [("grouping", copy(c.grouping)), ("mon_grouping", copy(c.mon_grouping))],
            numbers: [
                ("int_frac_digits", c.int_frac_digits.into()),
                ("frac_digits", c.frac_digits.into()),
                ("p_cs_precedes", c.p_cs_precedes.into()),
                ("p_sep_by_space", c.p_sep_by_space.into()),
                ("n_cs_precedes", c.n_cs_precedes.into()),
                ("n_sep_by_space", c.n_sep_by_space.into()),
                ("p_sign_posn", c.p_sign_posn.into()),
                ("n_sign_posn", c.n_sign_posn.into()),
            ],
        }
    }
}

/// How two texts compare in the locale.
pub fn collate(a: &CStr, b: &CStr) -> i32 {
    // SAFETY: both end in NUL.
    unsafe { libc::strcoll(a.as_ptr(), b.as_ptr()) }
}

/// A text that compares as plain bytes as the given one does in the locale.
pub fn transform(text: &CStr) -> Vec<u8> {
    let mut buffer = vec![0u8; text.to_bytes().len() * 2 + 64];
    loop {
        // SAFETY: the buffer is ours and of the given length; the text ends in NUL.
        let length = unsafe { libc::strxfrm(buffer.as_mut_ptr().cast(), text.as_ptr(), buffer.len()) };
        if length < buffer.len() {
            buffer.truncate(length);
            return buffer;
        }
        buffer.resize(length + 1, 0);
    }
}

unsafe extern "C" {
    fn gettext(message: *const c_char) -> *const c_char;
    fn dgettext(domain: *const c_char, message: *const c_char) -> *const c_char;
    fn dcgettext(domain: *const c_char, message: *const c_char, category: i32) -> *const c_char;
    fn textdomain(domain: *const c_char) -> *const c_char;
    fn bindtextdomain(domain: *const c_char, folder: *const c_char) -> *const c_char;
    fn bind_textdomain_codeset(domain: *const c_char, codeset: *const c_char) -> *const c_char;
}

fn pointer(text: Option<&CString>) -> *const c_char {
    text.map_or(std::ptr::null(), |text| text.as_ptr())
}

/// A message's translation.
pub fn translation(domain: Option<&CString>, message: &CStr, category: Option<i32>) -> Vec<u8> {
    // SAFETY: strings end in NUL or are absent.
    copy(unsafe {
        match (domain, category) {
            (None, None) => gettext(message.as_ptr()),
            (domain, None) => dgettext(pointer(domain), message.as_ptr()),
            (domain, Some(category)) => dcgettext(pointer(domain), message.as_ptr(), category),
        }
    })
}

/// Sets the domain of messages, or with none only asks.
pub fn message_domain(domain: Option<&CString>) -> Vec<u8> {
    // SAFETY: the string ends in NUL or is absent.
    copy(unsafe { textdomain(pointer(domain)) })
}

/// Sets a domain's folder, or with none only asks.
pub fn domain_folder(domain: &CStr, folder: Option<&CString>) -> Vec<u8> {
    // SAFETY: strings end in NUL or are absent.
    copy(unsafe { bindtextdomain(domain.as_ptr(), pointer(folder)) })
}

/// Sets a domain's encoding, or with none only asks; nothing where there is none.
pub fn domain_codeset(domain: &CStr, codeset: Option<&CString>) -> Option<Vec<u8>> {
    // SAFETY: strings end in NUL or are absent.
    let found = unsafe { bind_textdomain_codeset(domain.as_ptr(), pointer(codeset)) };
    (!found.is_null()).then(|| copy(found))
}
