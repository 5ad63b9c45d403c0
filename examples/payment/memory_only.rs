//! Without the feature `sqlite` there is no file to keep anything in.

use std::io::Write;

pub(crate) fn tell(out: &mut dyn Write) -> super::Result<()> {
    super::tell(out)
}
