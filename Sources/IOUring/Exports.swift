// A ring is spoken to in paths, descriptors and errnos.
@_exported import SystemPackage
