package picture

import (
	"hash/adler32"
	"hash/crc32"
)

// appendPNG appends the cells of a grid as a PNG file (ISO/IEC 15948): eight
// bits a channel with alpha, the rows stored as they are. Compressing them would
// take image/png, and that a sixteenth of the whole program.
func appendPNG(dst []byte, cells []uint32, columns, rows int) []byte {
	dst = append(dst, "\x89PNG\r\n\x1a\n"...)
	head := appendWord(appendWord(nil, uint32(columns)), uint32(rows))
	dst = appendChunk(dst, "IHDR", append(head, 8, 6, 0, 0, 0))
	raw := make([]byte, 0, rows*(4*columns+1))
	for r := range rows {
		raw = append(raw, 0) // the row is not filtered
		for _, c := range cells[r*columns : (r+1)*columns] {
			raw = appendWord(raw, c)
		}
	}
	return appendChunk(appendChunk(dst, "IDAT", stored(raw)), "IEND", nil)
}

// stored wraps bytes as zlib does (RFC 1950) in blocks that are not compressed
// (RFC 1951, 3.2.4).
func stored(raw []byte) []byte {
	const most = 1<<16 - 1
	out := []byte{0x78, 0x01}
	sum := adler32.Checksum(raw)
	for last := false; !last; {
		n := min(len(raw), most)
		last = n == len(raw)
		final := byte(0)
		if last {
			final = 1
		}
		out = append(out, final, byte(n), byte(n>>8), ^byte(n), ^byte(n>>8))
		out = append(out, raw[:n]...)
		raw = raw[n:]
	}
	return appendWord(out, sum)
}

func appendChunk(dst []byte, kind string, data []byte) []byte {
	dst = appendWord(dst, uint32(len(data)))
	from := len(dst)
	dst = append(append(dst, kind...), data...)
	return appendWord(dst, crc32.ChecksumIEEE(dst[from:]))
}

func appendWord(dst []byte, x uint32) []byte {
	return append(dst, byte(x>>24), byte(x>>16), byte(x>>8), byte(x))
}
