// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Private keys as OpenSSH Ed25519 files, in the data folder's `keys` or wherever a path says.
//!
//! Never writes over a key, and never leaves one on disk without its passphrase unless told to.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use constancia_ledger::fault::Fault;
use constancia_ledger::id::PublicKey;
use ed25519_dalek::SigningKey;
use ssh_key::getrandom::SysRng;
use ssh_key::private::{Ed25519Keypair, KeypairData};
use ssh_key::{LineEnding, PrivateKey};
use zeroize::Zeroizing;

use crate::environment::random_bytes;
use crate::failure::{Explain, Failure, FileError, with_causes};
use crate::files::{Readers, check_access, make_dir, read_text, write_new};
use crate::passphrase::{self, Passphrase};
use crate::ui::Ui;
use crate::words::{Lang, errors, signing};

/// Bytes of a key file that are read: an Ed25519 key has under 1,000.
const KEY_FILE_BYTES_MAX: u64 = 64 * 1_024;

/// A private key that can sign now.
pub(crate) struct OpenKey {
    /// Where it lies: its head file lies beside it.
    pub(crate) path: PathBuf,
    /// The public key.
    pub(crate) public: PublicKey,
    /// Signs.
    pub(crate) signer: SigningKey,
}

impl fmt::Debug for OpenKey {
    /// Never the private key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenKey")
            .field("path", &self.path)
            .field("public", &self.public)
            .finish_non_exhaustive()
    }
}

/// What can be known of a key without its passphrase.
#[derive(Clone, Debug)]
pub(crate) struct KeyFile {
    /// File name without directories.
    pub(crate) name: String,
    /// Where it lies.
    pub(crate) path: PathBuf,
    /// The public key.
    pub(crate) public: PublicKey,
    /// The line to hand to the founder: `ssh-ed25519 … comment`.
    pub(crate) public_line: String,
    /// Whether a passphrase protects it.
    pub(crate) protected: bool,
}

/// The folder of keys below a data folder.
pub(crate) fn folder(data: &Path) -> PathBuf {
    data.join("keys")
}

/// The file that `key` names: a path where it looks like one or exists, else a name in the folder.
pub(crate) fn locate(data: &Path, key: &str) -> PathBuf {
    let as_path = Path::new(key);
    if key.contains(['/', '\\']) || as_path.is_file() {
        as_path.to_owned()
    } else {
        folder(data).join(key)
    }
}

/// The key that signs where none is named: the only one in the folder.
///
/// # Errors
/// Where there is none, or more than one.
pub(crate) fn locate_or_only(data: &Path, key: Option<&str>) -> Result<PathBuf, Failure> {
    if let Some(key) = key {
        return Ok(locate(data, key));
    }
    let mut keys = list(data)?;
    match (keys.pop(), keys.is_empty()) {
        (Some(only), true) => Ok(only.path),
        (None, _) => Err(KeyError::NoneInFolder { folder: folder(data) }.into()),
        (Some(last), false) => {
            let mut names: Vec<String> = keys.into_iter().map(|key| key.name).collect();
            names.push(last.name);
            Err(KeyError::Several { names }.into())
        }
    }
}

/// Makes a key and writes both its files; `passphrase` protects the private one.
///
/// # Errors
/// Where the name is none, or a file of it exists.
pub(crate) fn create(path: &Path, passphrase: Option<&Passphrase>) -> Result<KeyFile, Failure> {
    let name = file_name(path);
    let usable = !name.is_empty()
        && !name.starts_with('.')
        && Path::new(&name).extension().is_none_or(|end| end != "pub" && end != "head")
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.@".contains(letter));
    if !usable {
        return Err(KeyError::BadName { found: name }.into());
    }
    let seed = Zeroizing::new(random_bytes::<32>()?);
    let pair = KeypairData::Ed25519(Ed25519Keypair::from_seed(&seed));
    let unusable = |cause: ssh_key::Error| KeyError::Format { path: path.to_owned(), cause };
    let open = PrivateKey::new(pair, name.clone()).map_err(unusable)?;
    let stored = match passphrase {
        Some(passphrase) => open.encrypt(&mut SysRng, passphrase.as_bytes()).map_err(unusable)?,
        None => open,
    };
    let text = stored.to_openssh(LineEnding::LF).map_err(unusable)?;
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        make_dir(parent, Readers::Owner)?;
    }
    let key = describe(path, &stored)?;
    check_free(path)?;
    write_new(path, text.as_bytes(), Readers::Owner)?;
    write_new(&public_path(path), format!("{}\n", key.public_line).as_bytes(), Readers::Default)?;
    Ok(key)
}

/// Refuses a name whose file is there, before a passphrase is asked for.
///
/// # Errors
/// Where there is a file.
pub(crate) fn check_free(path: &Path) -> Result<(), FileError> {
    match [path.to_owned(), public_path(path)].into_iter().find(|path| path.exists()) {
        Some(path) => Err(FileError::Exists { path }),
        None => Ok(()),
    }
}

/// Reads what a key's file says without opening it.
///
/// # Errors
/// Where there is no such key, or the file is none.
pub(crate) fn show(path: &Path) -> Result<KeyFile, Failure> {
    describe(path, &read(path)?)
}

/// Every private key of the folder, by name. Other files are passed over.
///
/// # Errors
/// Where the folder cannot be read; a folder that is not there has no keys.
pub(crate) fn list(data: &Path) -> Result<Vec<KeyFile>, Failure> {
    let folder = folder(data);
    check_access(data)?;
    check_access(&folder)?;
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut keys = Vec::new();
    for entry in fs::read_dir(&folder).map_err(FileError::reading(&folder))? {
        let path = entry.map_err(FileError::reading(&folder))?.path();
        let other = path.extension().is_some_and(|end| end == "pub" || end == "head");
        if path.is_file()
            && !other
            && let Ok(key) = show(&path)
        {
            keys.push(key);
        }
    }
    keys.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(keys)
}

/// Opens a key for signing, asking for its passphrase where it has one.
///
/// # Errors
/// Where there is no such key, or the passphrase is not its own.
pub(crate) fn open(
    ui: Ui,
    path: &Path,
    passphrase_file: Option<&Path>,
) -> Result<OpenKey, Failure> {
    warn_of_readers(ui, path);
    let stored = read(path)?;
    let open = if stored.is_encrypted() {
        let passphrase = passphrase::ask_for(ui, &file_name(path), passphrase_file)?;
        stored
            .decrypt(passphrase.as_bytes())
            .map_err(|_wrong| KeyError::WrongPassphrase { path: path.to_owned() })?
    } else {
        stored
    };
    let Some(pair) = open.key_data().ed25519() else {
        return Err(KeyError::NotEd25519 { path: path.to_owned() }.into());
    };
    let seed = Zeroizing::new(pair.private.to_bytes());
    let signer = SigningKey::from_bytes(&seed);
    let public = PublicKey::from_bytes(signer.verifying_key().to_bytes());
    Ok(OpenKey { path: path.to_owned(), public, signer })
}

/// Reads a public key from its `.pub` file, as the founder gets it.
///
/// # Errors
/// Where the file is no Ed25519 public key line.
pub(crate) fn read_public(path: &Path) -> Result<PublicKey, Failure> {
    let text = read_text(path, KEY_FILE_BYTES_MAX)?;
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let not_a_key = |cause| KeyError::NotAPublicLine { path: path.to_owned(), cause };
    let key = ssh_key::PublicKey::from_openssh(line.trim()).map_err(not_a_key)?;
    match key.key_data().ed25519() {
        Some(key) => Ok(PublicKey::from_bytes(key.0)),
        None => Err(KeyError::NotEd25519 { path: path.to_owned() }.into()),
    }
}

fn read(path: &Path) -> Result<PrivateKey, Failure> {
    if !path.is_file() {
        let names = list_names(path.parent());
        return Err(KeyError::NotFound { path: path.to_owned(), names }.into());
    }
    let text = Zeroizing::new(read_text(path, KEY_FILE_BYTES_MAX)?);
    if text.starts_with("ssh-") {
        return Err(KeyError::PublicHalf { path: path.to_owned() }.into());
    }
    match PrivateKey::from_openssh(text.as_bytes()) {
        Ok(key) => Ok(key),
        Err(cause) => Err(KeyError::Format { path: path.to_owned(), cause }.into()),
    }
}

/// The keys that there are, for whoever mistyped one.
fn list_names(folder: Option<&Path>) -> Vec<String> {
    let entries = folder.and_then(|folder| fs::read_dir(folder).ok());
    let paths = entries.into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    let mut names: Vec<String> =
        paths.filter(|path| public_path(path).is_file()).map(|path| file_name(&path)).collect();
    names.sort();
    names
}

fn describe(path: &Path, key: &PrivateKey) -> Result<KeyFile, Failure> {
    let public = key.public_key();
    let Some(bytes) = public.key_data().ed25519() else {
        return Err(KeyError::NotEd25519 { path: path.to_owned() }.into());
    };
    let name = file_name(path);
    let mut named = public.clone();
    named.set_comment(name.clone());
    let public_line =
        named.to_openssh().map_err(|cause| KeyError::Format { path: path.to_owned(), cause })?;
    Ok(KeyFile {
        name,
        path: path.to_owned(),
        public: PublicKey::from_bytes(bytes.0),
        public_line,
        protected: key.is_encrypted(),
    })
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The public file beside a private one.
pub(crate) fn public_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".pub");
    PathBuf::from(name)
}

#[cfg(unix)]
fn warn_of_readers(ui: Ui, path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let readable = fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o077 != 0);
    if readable {
        ui.warn(&signing::key_readable_by_others(ui.lang, &path.display()));
    }
}

#[cfg(not(unix))]
fn warn_of_readers(_ui: Ui, _path: &Path) {}

/// Why a key cannot be used.
#[derive(Debug)]
pub(crate) enum KeyError {
    /// There is no such file.
    NotFound { path: PathBuf, names: Vec<String> },
    /// No key was named and there is none.
    NoneInFolder { folder: PathBuf },
    /// No key was named and there are several.
    Several { names: Vec<String> },
    /// No file name that is the same everywhere.
    BadName { found: String },
    /// Not an OpenSSH private key.
    Format { path: PathBuf, cause: ssh_key::Error },
    /// The public line, where the private key is needed.
    PublicHalf { path: PathBuf },
    /// Not an OpenSSH public key line.
    NotAPublicLine { path: PathBuf, cause: ssh_key::Error },
    /// A key of another kind.
    NotEd25519 { path: PathBuf },
    /// The passphrase opens nothing.
    WrongPassphrase { path: PathBuf },
}

impl Explain for KeyError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "key.not_found",
            Self::NoneInFolder { .. } => "key.none",
            Self::Several { .. } => "key.several",
            Self::BadName { .. } => "key.name",
            Self::Format { .. } => "key.format",
            Self::PublicHalf { .. } => "key.public_half",
            Self::NotAPublicLine { .. } => "key.public_format",
            Self::NotEd25519 { .. } => "key.other_kind",
            Self::WrongPassphrase { .. } => "key.wrong_passphrase",
        }
    }

    fn fault(&self) -> Fault {
        match self {
            Self::Format { .. } | Self::NotAPublicLine { .. } => Fault::Malformed,
            Self::NotFound { .. }
            | Self::PublicHalf { .. }
            | Self::NoneInFolder { .. }
            | Self::Several { .. }
            | Self::BadName { .. }
            | Self::NotEd25519 { .. }
            | Self::WrongPassphrase { .. } => Fault::Refused,
        }
    }

    fn message(&self, lang: Lang) -> String {
        match self {
            Self::NotFound { path, .. } => errors::key_not_found(lang, &path.display()),
            Self::NoneInFolder { folder } => errors::key_none(lang, &folder.display()),
            Self::Several { names } => errors::key_several(lang, &names.join(", ")),
            Self::BadName { found } => errors::key_name(lang, found),
            Self::Format { path, cause } => {
                errors::key_format(lang, &path.display(), &with_causes(cause))
            }
            Self::PublicHalf { path } => errors::key_public_half(lang, &path.display()),
            Self::NotAPublicLine { path, cause } => {
                errors::key_public_format(lang, &path.display(), &with_causes(cause))
            }
            Self::NotEd25519 { path } => errors::key_not_ed25519(lang, &path.display()),
            Self::WrongPassphrase { path } => errors::key_wrong_passphrase(lang, &path.display()),
        }
    }

    fn hint(&self, lang: Lang) -> Option<String> {
        match self {
            Self::NotFound { names, .. } if !names.is_empty() => {
                Some(errors::key_there_are(lang, &names.join(", ")))
            }
            Self::NotFound { .. } | Self::NoneInFolder { .. } | Self::NotEd25519 { .. } => {
                Some(errors::key_none_hint(lang))
            }
            Self::Several { .. } => Some(errors::key_several_hint(lang)),
            Self::BadName { .. } => Some(errors::key_name_hint(lang)),
            Self::Format { .. } => Some(errors::key_format_hint(lang)),
            Self::PublicHalf { .. } => Some(errors::key_public_half_hint(lang)),
            Self::NotAPublicLine { .. } => Some(errors::key_public_format_hint(lang)),
            Self::WrongPassphrase { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ui() -> Ui {
        Ui::new(Lang::En, false, true)
    }

    #[test]
    fn a_key_is_written_once_and_opens_with_its_passphrase_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = folder(dir.path()).join("sre-firma");
        let passphrase = Zeroizing::new("correct horse".to_owned());
        let made = create(&path, Some(&passphrase)).unwrap();
        assert!(made.protected);
        assert!(made.public_line.ends_with(" sre-firma"));
        assert_eq!(create(&path, None).unwrap_err().code(), "file.exists");

        let right = dir.path().join("right");
        fs::write(&right, "correct horse\n").unwrap();
        let opened = open(ui(), &path, Some(&right)).unwrap();
        assert_eq!(opened.public, made.public);
        let wrong = dir.path().join("wrong");
        fs::write(&wrong, "battery staple\n").unwrap();
        let refused = open(ui(), &path, Some(&wrong)).err().unwrap();
        assert_eq!(refused.code(), "key.wrong_passphrase");
        assert_eq!(read_public(&public_path(&path)).unwrap(), made.public);
    }

    #[test]
    fn the_only_key_need_not_be_named() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(locate_or_only(dir.path(), None).unwrap_err().code(), "key.none");
        create(&locate(dir.path(), "one"), None).unwrap();
        assert_eq!(locate_or_only(dir.path(), None).unwrap(), folder(dir.path()).join("one"));
        create(&locate(dir.path(), "two"), None).unwrap();
        assert_eq!(locate_or_only(dir.path(), None).unwrap_err().code(), "key.several");
        assert_eq!(list(dir.path()).unwrap().len(), 2);
    }

    #[test]
    fn a_name_that_is_no_file_name_everywhere_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["", ".hidden", "a b", "ñ", "x.pub", "x.head", "a:b"] {
            let refused = create(&folder(dir.path()).join(name), None);
            assert!(refused.is_err(), "{name:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_private_key_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let made = create(&locate(dir.path(), "one"), None).unwrap();
        assert_eq!(fs::metadata(&made.path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
