// A ring takes paths, descriptors and errnos, and returns the status of files.
@_exported import SystemPackage

@_exported import struct LinuxSystem.FileStatus
