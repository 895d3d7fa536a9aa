//! A look at a pickle before it is read: whether it is data, and of a size and depth that memory and the stack have room for.
//!
//! A few bytes can name a list of a list of a list .., or the same list twice in a list twice in a list ..; whoever can write
//! the file could end the program so. Only the shape is built here: what each object contains, without its value.

use super::DecodeError;

/// As deep as JSON may be.
const DEEPEST: usize = 128;
/// Objects that a pickle may always have.
const FEW: u64 = 1_000_000;
/// And so many for each of its bytes.
const PER_BYTE: u64 = 16;

/// The objects of a pickle. Each has a weight of its own and those inside it.
struct Shape<'a> {
    rest: &'a [u8],
    objects: Vec<(u64, Vec<usize>)>,
    stack: Vec<usize>,
    marks: Vec<usize>,
    memo: std::collections::HashMap<u64, usize>,
}

fn broken() -> DecodeError {
    DecodeError::new("not the expected pickle: it is cut short or damaged")
}

/// Whether a pickle may be read.
pub(super) fn check(pickle: &[u8]) -> Result<(), DecodeError> {
    let mut shape =
        Shape { rest: pickle, objects: Vec::new(), stack: Vec::new(), marks: Vec::new(), memo: Default::default() };
    while shape.step()? {}
    let root = shape.stack.pop().ok_or_else(broken)?;
    shape.measure(root, FEW.max(pickle.len() as u64 * PER_BYTE))
}

impl Shape<'_> {
    fn take(&mut self, n: usize) -> Result<&[u8], DecodeError> {
        let (taken, rest) = self.rest.split_at_checked(n).ok_or_else(broken)?;
        self.rest = rest;
        Ok(taken)
    }

    /// A little-endian number of so many bytes.
    fn number(&mut self, bytes: usize) -> Result<u64, DecodeError> {
        let taken = self.take(bytes)?;
        Ok(taken.iter().rev().fold(0, |n, b| (n << 8) | u64::from(*b)))
    }

    fn line(&mut self) -> Result<&[u8], DecodeError> {
        let end = self.rest.iter().position(|b| *b == b'\n').ok_or_else(broken)?;
        let line = self.take(end + 1)?;
        Ok(&line[..end])
    }

    fn place(&mut self) -> Result<u64, DecodeError> {
        let line = std::str::from_utf8(self.line()?).map_err(|_| broken())?;
        line.trim().parse().map_err(|_| broken())
    }

    fn push(&mut self, weight: u64, inside: Vec<usize>) {
        self.stack.push(self.objects.len());
        self.objects.push((weight, inside));
    }

    fn pop(&mut self) -> Result<usize, DecodeError> {
        self.stack.pop().ok_or_else(broken)
    }

    /// Everything above the last mark.
    fn marked(&mut self) -> Result<Vec<usize>, DecodeError> {
        let mark = self.marks.pop().filter(|m| *m <= self.stack.len()).ok_or_else(broken)?;
        Ok(self.stack.split_off(mark))
    }

    /// The last `n` objects.
    fn last(&mut self, n: usize) -> Result<Vec<usize>, DecodeError> {
        let at = self.stack.len().checked_sub(n).ok_or_else(broken)?;
        Ok(self.stack.split_off(at))
    }

    /// Puts objects into the one on top.
    fn put_into_top(&mut self, inside: Vec<usize>) -> Result<(), DecodeError> {
        let top = *self.stack.last().ok_or_else(broken)?;
        self.objects[top].1.extend(inside);
        Ok(())
    }

    /// Text or bytes behind a length of so many bytes.
    fn long(&mut self, bytes: usize) -> Result<(), DecodeError> {
        let n = usize::try_from(self.number(bytes)?).map_err(|_| broken())?;
        self.take(n)?;
        self.push(1 + n as u64 / 16, Vec::new());
        Ok(())
    }

    fn plain(&mut self, bytes: usize) -> Result<(), DecodeError> {
        self.take(bytes)?;
        self.push(1, Vec::new());
        Ok(())
    }

    fn remember(&mut self, place: u64) -> Result<(), DecodeError> {
        let top = *self.stack.last().ok_or_else(broken)?;
        self.memo.insert(place, top);
        Ok(())
    }

    fn recall(&mut self, place: u64) -> Result<(), DecodeError> {
        let object = *self.memo.get(&place).ok_or_else(broken)?;
        self.stack.push(object);
        Ok(())
    }

    /// One instruction; `false` after the last.
    fn step(&mut self) -> Result<bool, DecodeError> {
        let code = self.take(1)?.first().copied().ok_or_else(broken)?;
        match code {
            b'.' => return Ok(false),
            b'(' => self.marks.push(self.stack.len()),
            b'0' => _ = self.pop()?,
            b'1' => drop(self.marked()?),
            b'2' => {
                let top = *self.stack.last().ok_or_else(broken)?;
                self.stack.push(top);
            }
            b'F' | b'I' | b'L' | b'S' | b'V' => {
                let n = self.line()?.len();
                self.push(1 + n as u64 / 16, Vec::new());
            }
            b'N' | 0x88 | 0x89 | b']' | b'}' | b')' | 0x8f => self.plain(0)?,
            b'G' => self.plain(8)?,
            b'J' => self.plain(4)?,
            b'M' => self.plain(2)?,
            b'K' => self.plain(1)?,
            b'U' | b'C' | 0x8a | 0x8c => self.long(1)?,
            b'T' | b'X' | b'B' | 0x8b => self.long(4)?,
            0x8d | 0x8e | 0x96 => self.long(8)?,
            b'l' | b'd' | b't' | 0x91 => {
                let inside = self.marked()?;
                self.push(1, inside);
            }
            0x85..=0x87 => {
                let inside = self.last(usize::from(code - 0x84))?;
                self.push(1, inside);
            }
            b'a' => {
                let inside = self.last(1)?;
                self.put_into_top(inside)?;
            }
            b's' => {
                let inside = self.last(2)?;
                self.put_into_top(inside)?;
            }
            b'e' | b'u' | 0x90 => {
                let inside = self.marked()?;
                self.put_into_top(inside)?;
            }
            b'p' => {
                let place = self.place()?;
                self.remember(place)?;
            }
            b'q' => {
                let place = self.number(1)?;
                self.remember(place)?;
            }
            b'r' => {
                let place = self.number(4)?;
                self.remember(place)?;
            }
            0x94 => self.remember(self.memo.len() as u64)?,
            b'g' => {
                let place = self.place()?;
                self.recall(place)?;
            }
            b'h' => {
                let place = self.number(1)?;
                self.recall(place)?;
            }
            b'j' => {
                let place = self.number(4)?;
                self.recall(place)?;
            }
            0x80 => _ = self.take(1)?,
            0x95 => _ = self.take(8)?,
            // Sets and bytes of the old protocols are made by calls; which calls are made is the reader's to say.
            b'c' => {
                self.line()?;
                self.line()?;
                self.push(1, Vec::new());
            }
            0x93 => {
                self.last(2)?;
                self.push(1, Vec::new());
            }
            b'R' => {
                let inside = self.last(2)?;
                self.push(1, inside);
            }
            other => {
                let message = format!("not the expected pickle: the instruction {other:#04x} is none of plain data");
                return Err(DecodeError::new(message));
            }
        }
        Ok(true)
    }

    /// How many objects the root is when every one is counted as often as it is named, and how deep.
    fn measure(&self, root: usize, limit: u64) -> Result<(), DecodeError> {
        let deep = || DecodeError::new("not the expected pickle: it is nested too deeply");
        // Weight and depth, once they are known.
        let mut known: Vec<Option<(u64, usize)>> = vec![None; self.objects.len()];
        let mut open = vec![false; self.objects.len()];
        let mut todo = vec![root];
        while let Some(object) = todo.last().copied() {
            let (weight, inside) = &self.objects[object];
            if known[object].is_some() {
                todo.pop();
                continue;
            }
            if !open[object] {
                open[object] = true;
                for inner in inside.iter().copied().filter(|i| known[*i].is_none()) {
                    if open[inner] {
                        return Err(DecodeError::new("not the expected pickle: an object contains itself"));
                    }
                    todo.push(inner);
                }
                continue;
            }
            let mut total = (*weight, 0);
            for (inner, depth) in inside.iter().filter_map(|i| known[*i]) {
                total = (total.0.saturating_add(inner), total.1.max(depth + 1));
            }
            if total.1 > DEEPEST {
                return Err(deep());
            }
            if total.0 > limit {
                return Err(DecodeError::new("not the expected pickle: it is too large when it is unfolded"));
            }
            known[object] = Some(total);
            todo.pop();
        }
        Ok(())
    }
}
