import CFileCallFilter

/// See `forbid_file_calls_on_this_thread`.
func forbidFileCalls() -> Bool { forbid_file_calls_on_this_thread() }
