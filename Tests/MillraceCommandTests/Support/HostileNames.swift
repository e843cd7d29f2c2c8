/// File names that a format or a message may mishandle. None contains a slash or a NUL, so each can be a file's.
let hostileNames: [[UInt8]] =
  [
    "plain", "with space", " leading", "  two leading", "trailing ", "\ttab", "-", "--check", "*star", " *both",
    "#hash", "\\", "\\\\", "\\leading", "trailing\\",
    "a\\nb", "a\nb", "\n", "\n\n", "a\rb", "a\r", "\r", "a\r\n", "a\n\\\r",
    "qu'ote", "'", "\"double\"", "$HOME", "$'x'", "`x`", "a) = b", "(", ")", ") = 00", "SHA256 (a) = b", "a: OK",
    "a: open: Permission denied", "\u{1B}[31mred", "\u{7F}", "\u{85}", "\u{202E}txt.exe", "\u{2028}", "é", "e\u{301}",
    "\u{301}", "日本", "👩‍👩‍👧", "\u{10FF41}", "\u{10FFFF}", "\u{FEFF}",
  ].map(bytes) + [
    [0xFF], [0xFF, 0xFE], [0x61, 0x80, 0x62], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
    [0xF4, 0x8F, 0xBF], [0xE2, 0x82, 0x0A], [0x01, 0x02, 0x1F],
  ]
