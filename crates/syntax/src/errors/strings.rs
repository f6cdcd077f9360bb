//! String literals, f-strings and t-strings, with the rules that find errors in them.

use super::raise::FIELD_END;
use super::{E, Reader, Rule};
use crate::ast::{Constant, ExprKind, Text};
use crate::literal::LiteralError;
use crate::parser::string_parts;
use crate::token::{Token, TokenKind as T};

impl<'a> Reader<'a, '_> {
    pub(super) fn strings(&mut self) -> Option<E<'a>> {
        self.memo(Rule::Strings, |p| {
            if p.invalid {
                p.invalid_concatenation();
            }
            let start = p.start();
            if let Some(parts) = p.alt(|p| p.many1(Self::fstring_or_string)) {
                return p.concatenate(&parts, start);
            }
            p.alt(|p| p.many1(Self::tstring))?;
            Some(p.expr(ExprKind::TemplateStr { values: &[] }, start))
        })
    }

    fn concatenate(&mut self, parts: &[E<'a>], start: crate::ast::Range) -> Option<E<'a>> {
        let is_bytes = |part: &&E<'a>| matches!(part.kind, ExprKind::Constant { value: Constant::Bytes(_), .. });
        let bytes = parts.iter().filter(is_bytes).count();
        if bytes > 0 && bytes < parts.len() {
            return self.raise("cannot mix bytes and nonbytes literals");
        }
        let formatted = parts.iter().any(|part| matches!(part.kind, ExprKind::JoinedStr { .. }));
        let kind = if formatted { ExprKind::JoinedStr { values: &[] } } else { parts.first()?.kind };
        Some(self.expr(kind, start))
    }

    fn invalid_concatenation(&mut self) {
        let message = "cannot mix t-string literals with string or bytes literals";
        self.rule(|p| -> Option<()> {
            p.alt(|p| -> Option<()> {
                let parts = p.many1(Self::fstring_or_string)?;
                let other = p.tstring()?;
                p.raise_range(parts.last()?.range, other.range, message)
            });
            p.alt(|p| -> Option<()> {
                let parts = p.many1(Self::tstring)?;
                let other = p.fstring_or_string()?;
                p.raise_range(parts.last()?.range, other.range, message)
            })
        });
    }

    fn fstring_or_string(&mut self) -> Option<E<'a>> {
        self.alt(|p| p.formatted_string(false)).or_else(|| p_string(self))
    }

    fn tstring(&mut self) -> Option<E<'a>> {
        self.formatted_string(true)
    }

    fn literal_error<T>(&mut self, error: LiteralError) -> Option<T> {
        match error {
            LiteralError::Unicode(text) => self.raise(&format!("(unicode error) {text}")),
            LiteralError::Value(text) => self.raise(&format!("(value error) {text}")),
            LiteralError::TooManyDigits(text) => self.raise(&text),
        }
    }

    /// An error in the text of an f-string, placed at that text.
    fn text_error<T>(&mut self, token: &Token, error: LiteralError) -> Option<T> {
        let (LiteralError::Unicode(text) | LiteralError::Value(text) | LiteralError::TooManyDigits(text)) = error;
        self.raise_at(token.place(), &format!("(unicode error) {text}"))
    }

    /// An f-string, or a t-string.
    fn formatted_string(&mut self, template: bool) -> Option<E<'a>> {
        let (open, middle, close) = if template {
            (T::TStringStart, T::TStringMiddle, T::TStringEnd)
        } else {
            (T::FStringStart, T::FStringMiddle, T::FStringEnd)
        };
        self.rule(|p| {
            let start = p.start();
            let opening = p.expect(open)?;
            let raw = p.text(&opening).bytes().any(|b| matches!(b, b'r' | b'R'));
            let mut texts: Vec<Token> = Vec::new();
            p.many(|p| {
                p.rule(|p| {
                    if p.alt(|p| p.replacement_field(template)).is_some() {
                        return Some(());
                    }
                    texts.push(p.expect(middle)?);
                    Some(())
                })
            })?;
            p.expect(close)?;
            for token in texts.iter().filter(|_| !raw) {
                if let Err(error) = crate::literal::decode_text(p.arena, p.text(token)) {
                    return p.text_error(token, error);
                }
            }
            if template {
                p.version(14, "t-strings are")?;
            }
            Some(p.expr(ExprKind::JoinedStr { values: &[] }, start))
        })
    }

    fn replacement_field(&mut self, template: bool) -> Option<()> {
        self.rule(|p| {
            if p.alt(|p| {
                p.expect(T::LBrace)?;
                p.annotated_rhs()?;
                p.opt(|p| p.expect(T::Equal))?;
                p.opt(|p| p.conversion(template))?;
                p.opt(|p| p.full_format_spec(template))?;
                p.expect(T::RBrace)
            })
            .is_some()
            {
                return Some(());
            }
            if p.invalid {
                p.invalid_replacement_field(template);
            }
            None
        })
    }

    fn conversion(&mut self, template: bool) -> Option<()> {
        self.rule(|p| {
            let mark = p.expect(T::Exclamation)?;
            let name = p.expect(T::Name)?;
            if mark.lineno != name.lineno || mark.end_col != name.col {
                let message = format!(
                    "{}: conversion type must come right after the exclamation mark",
                    if template { "t-string" } else { "f-string" }
                );
                return p.raise_range(mark.place(), name.place(), &message);
            }
            p.check_conversion(&name, template)
        })
    }

    fn check_conversion(&mut self, name: &Token, template: bool) -> Option<()> {
        let text = self.text(name);
        if matches!(text, "s" | "r" | "a") {
            return Some(());
        }
        let mut shown = String::new();
        crate::repr::string(&mut shown, &Text::Utf8(text));
        let kind = if template { "t-string" } else { "f-string" };
        let message = format!("{kind}: invalid conversion character {shown}: expected 's', 'r', or 'a'");
        self.raise_at(name.place(), &message)
    }

    fn full_format_spec(&mut self, template: bool) -> Option<()> {
        self.rule(|p| {
            p.expect(T::Colon)?;
            p.many(|p| p.format_spec(template))?;
            Some(())
        })
    }

    fn format_spec(&mut self, template: bool) -> Option<()> {
        let middle = if template { T::TStringMiddle } else { T::FStringMiddle };
        self.rule(|p| {
            if let Some(token) = p.expect(middle) {
                return match crate::literal::decode_text(p.arena, p.text(&token)) {
                    Ok(_) => Some(()),
                    Err(error) => p.text_error(&token, error),
                };
            }
            p.replacement_field(template)
        })
    }

    fn invalid_replacement_field(&mut self, template: bool) {
        let name = if template { "t-string" } else { "f-string" };
        self.rule(|p| -> Option<()> {
            for kind in [T::Equal, T::Exclamation, T::Colon, T::RBrace] {
                p.alt(|p| -> Option<()> {
                    p.expect(T::LBrace)?;
                    let a = p.expect(kind)?;
                    let message = format!("{name}: valid expression required before '{}'", kind.name());
                    p.raise_at(a.place(), &message)
                });
            }
            p.alt(|p| -> Option<()> {
                p.expect(T::LBrace)?;
                if p.sees(Self::annotated_rhs) || p.stopped {
                    return None;
                }
                p.raise_next(&format!("{name}: expecting a valid expression after '{{'"))
            });
            p.alt(|p| -> Option<()> {
                p.expect(T::LBrace)?;
                p.annotated_rhs()?;
                p.not_any(&[T::Equal, T::Exclamation, T::Colon, T::RBrace])?;
                p.raise_next(&format!("{name}: expecting '=', or '!', or ':', or '}}'"))
            });
            p.alt(|p| -> Option<()> {
                p.expect(T::LBrace)?;
                p.annotated_rhs()?;
                p.expect(T::Equal)?;
                p.not_any(&[T::Exclamation, T::Colon, T::RBrace])?;
                p.raise_next(&format!("{name}: expecting '!', or ':', or '}}'"))
            });
            p.alt(|p| {
                p.field_head()?;
                p.invalid_conversion_character(name)
            });
            p.alt(|p| -> Option<()> {
                p.field_head()?;
                p.plain_conversion()?;
                p.not_any(FIELD_END)?;
                p.raise_next(&format!("{name}: expecting ':' or '}}'"))
            });
            p.alt(|p| -> Option<()> {
                p.field_head()?;
                p.plain_conversion()?;
                p.expect(T::Colon)?;
                // The grammar has the f-string's rule here for t-strings too.
                p.many(|p| p.format_spec(false))?;
                p.not_any(&[T::RBrace])?;
                p.raise_next(&format!("{name}: expecting '}}', or format specs"))
            });
            p.alt(|p| -> Option<()> {
                p.field_head()?;
                p.plain_conversion()?;
                p.not_any(&[T::RBrace])?;
                p.raise_next(&format!("{name}: expecting '}}'"))
            })
        });
    }

    /// `'{' annotated_rhs '='?`.
    fn field_head(&mut self) -> Option<()> {
        self.expect(T::LBrace)?;
        self.annotated_rhs()?;
        self.opt(|p| p.expect(T::Equal))?;
        Some(())
    }

    /// `['!' NAME]`.
    fn plain_conversion(&mut self) -> Option<()> {
        self.opt(|p| {
            p.expect(T::Exclamation)?;
            p.expect(T::Name)
        })?;
        Some(())
    }

    fn invalid_conversion_character(&mut self, name: &str) -> Option<()> {
        self.rule(|p| {
            p.alt(|p| -> Option<()> {
                p.expect(T::Exclamation)?;
                p.ahead(FIELD_END)?;
                p.raise_next(&format!("{name}: missing conversion character"))
            });
            p.alt(|p| {
                p.expect(T::Exclamation)?;
                p.not_any(&[T::Name])?;
                p.raise_next(&format!("{name}: invalid conversion character"))
            })
        })
    }
}

/// `string`: a literal that is no f-string.
fn p_string<'a>(p: &mut Reader<'a, '_>) -> Option<E<'a>> {
    p.rule(|p| {
        let start = p.start();
        let token = p.expect(T::String)?;
        let parts = string_parts(p.text(&token));
        let value = if parts.bytes {
            if !parts.content.is_ascii() {
                return p.raise_at(token.place(), "bytes can only contain ASCII literal characters");
            }
            if !parts.raw
                && let Err(error) = crate::literal::decode_bytes(parts.content.as_bytes())
            {
                return p.literal_error(error);
            }
            Constant::Bytes(&[])
        } else {
            if !parts.raw
                && let Err(error) = crate::literal::decode_text(p.arena, parts.content)
            {
                return p.literal_error(error);
            }
            Constant::Str(Text::Utf8(""))
        };
        Some(p.expr(ExprKind::Constant { value, kind: None }, start))
    })
}
