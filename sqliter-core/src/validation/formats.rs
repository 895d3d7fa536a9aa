//! `email` and `url`: what Pydantic's `EmailStr` and `AnyUrl` mean, in a simple form. Texts are checked and left as they are.

use crate::input::Invalid;

/// One `@`; before it up to 64 characters of RFC 5322's dot-atom, letters of every script among them; after it a name of at
/// least two labels.
#[inline]
pub(super) fn email(text: &str) -> bool {
    is_plain_email(text.as_bytes()) || any_email(text).is_ok()
}

/// What a byte may be in an address of the common kind.
const WORD: u8 = 1;
const LOCAL: u8 = 2;
static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => WORD | LOCAL,
            b'_' | b'+' | b'-' => LOCAL,
            _ => 0,
        };
        byte += 1;
    }
    classes
};

/// Whether it is an address of the common kind: ASCII letters and digits, with single dots, hyphens, underscores and plus signs
/// between them. One pass, and no message.
fn is_plain_email(text: &[u8]) -> bool {
    let class = |byte: u8| CLASSES[usize::from(byte)];
    let Some(at) = text.iter().position(|b| *b == b'@') else { return false };
    let (local, host) = (&text[..at], &text[at + 1..]);
    let mut last = b'.';
    for byte in local.iter().copied() {
        if class(byte) & LOCAL == 0 && (byte != b'.' || last == b'.') {
            return false;
        }
        last = byte;
    }
    if last == b'.' {
        return false;
    }
    let (mut last, mut dots) = (b'.', 0);
    for byte in host.iter().copied() {
        // A dot or a hyphen stands after a letter; a hyphen after a hyphen too.
        let word = class(last) & WORD != 0;
        if class(byte) & WORD == 0 && !(word && byte == b'.') && !(byte == b'-' && last != b'.') {
            return false;
        }
        dots += usize::from(byte == b'.');
        last = byte;
    }
    // A host of this length has no label that is too long.
    dots > 0 && last.is_ascii_alphabetic() && local.len() <= 64 && host.len() <= 63
}

/// Any address, and what is wrong with it.
#[cold]
pub(super) fn any_email(text: &str) -> Result<(), Invalid> {
    let wrong = |reason: &str| {
        let msg = format!("value is not a valid email address: {reason}");
        Err(Invalid::new("value_error", msg).with("reason", reason.into()))
    };
    let Some((local, domain)) = text.rsplit_once('@') else {
        return wrong("An email address must have an @-sign.");
    };
    if local.is_empty() {
        return wrong("There must be something before the @-sign.");
    }
    if domain.is_empty() {
        return wrong("There must be something after the @-sign.");
    }
    if local.len() > 64 {
        return wrong("The email address is too long before the @-sign.");
    }
    if text.len() > 254 {
        return wrong("The email address is too long.");
    }
    let atom = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    if local.split('.').any(str::is_empty) {
        return wrong("The part before the @-sign has a period at an end, or two in a row.");
    }
    if !local.chars().all(|c| atom(c) || c == '.') {
        return wrong("The part before the @-sign contains characters that are not allowed.");
    }
    if !domain.contains('.') {
        return wrong("The part after the @-sign is not valid. It should have a period.");
    }
    if domain.len() > 253 || !domain.split('.').all(label) {
        return wrong("The part after the @-sign contains invalid characters, or a period at a wrong place.");
    }
    // A number is no top-level domain.
    if domain.ends_with(|c: char| c.is_ascii_digit()) {
        return wrong("The part after the @-sign is not valid. It is not within a valid top-level domain.");
    }
    Ok(())
}

/// A part of a host name between two dots.
fn label(part: &str) -> bool {
    !part.is_empty()
        && part.len() <= 63
        && !part.starts_with('-')
        && !part.ends_with('-')
        && part.chars().all(|c| c.is_alphanumeric() || c == '-')
}

/// A scheme, a colon, and what is not empty after it; `//` brings a host where the web's schemes want one.
pub(super) fn url(text: &str) -> Result<(), Invalid> {
    let wrong = |error: &str| {
        Err(Invalid::new("url_parsing", format!("Input should be a valid URL, {error}")).with("error", error.into()))
    };
    if text.is_empty() {
        return wrong("input is empty");
    }
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return wrong("white space and control characters are not allowed");
    }
    let Some((scheme, rest)) = text.split_once(':').filter(|(scheme, _)| is_scheme(scheme)) else {
        return wrong("relative URL without a base");
    };
    let web = ["http", "https", "ws", "wss", "ftp"].iter().any(|s| scheme.eq_ignore_ascii_case(s));
    let Some(after) = rest.strip_prefix("//") else {
        return if web || rest.is_empty() { wrong("empty host") } else { Ok(()) };
    };
    let authority = &after[..after.find(['/', '?', '#']).unwrap_or(after.len())];
    let host_and_port = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let (host, port) = match host_and_port.strip_prefix('[') {
        Some(v6) => match v6.split_once(']') {
            Some((host, port)) if host.parse::<std::net::Ipv6Addr>().is_ok() => ("v6", port),
            _ => return wrong("invalid IPv6 address"),
        },
        None => host_and_port.find(':').map_or((host_and_port, ""), |at| host_and_port.split_at(at)),
    };
    if web && host.is_empty() {
        return wrong("empty host");
    }
    if !port.is_empty() && port.strip_prefix(':').is_none_or(|p| !p.is_empty() && p.parse::<u16>().is_err()) {
        return wrong("invalid port number");
    }
    if web && host.contains(['<', '>', '"', '\\', '^', '|', '{', '}', '`', '%']) {
        return wrong("invalid international domain name");
    }
    Ok(())
}

fn is_scheme(scheme: &str) -> bool {
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}
