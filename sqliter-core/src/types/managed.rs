//! The managed timestamps `created_at` and `updated_at`.

use crate::validation::Reader;

/// The type of a managed timestamp field (`created_at`, `updated_at`).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a managed timestamp",
    label = "expected `i64` or `DateTime<Utc>`",
    note = "`created_at` and `updated_at` are managed by name; `#[model(timestamps = false)]` makes them ordinary fields"
)]
pub trait ManagedTime {
    /// From Unix seconds.
    fn from_unix_seconds(seconds: i64) -> Self;
    /// As Unix seconds.
    fn unix_seconds(&self) -> i64;

    #[doc(hidden)]
    fn read_input(input: &serde_json::Value, reader: &mut Reader) -> Option<Self>
    where
        Self: Sized,
    {
        crate::input::seconds_input(input, reader).map(Self::from_unix_seconds)
    }
}

impl ManagedTime for i64 {
    fn from_unix_seconds(seconds: i64) -> Self {
        seconds
    }
    fn unix_seconds(&self) -> i64 {
        *self
    }
}

#[cfg(feature = "chrono")]
impl ManagedTime for chrono::DateTime<chrono::Utc> {
    fn from_unix_seconds(seconds: i64) -> Self {
        chrono::DateTime::from_timestamp(seconds, 0).unwrap_or_default()
    }
    fn unix_seconds(&self) -> i64 {
        self.timestamp()
    }
}
