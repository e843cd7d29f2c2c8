// What an engine's interface uses is re-exported with it: paths and errnos, buffers, the status of files.
@_exported import SystemPackage

@_exported import class IOUring.IOBuffer
@_exported import struct LinuxSystem.FileStatus
