package picture

// Viridis is a colour map that rises evenly in lightness, from violet over green
// to yellow, for eyes with and without deficient colour vision, and in print
// without colours (Smith and van der Walt 2015, the default of matplotlib, CC0).
// These are every eighth of the 256 colours published, and the last, as 0xRRGGBB.
var Viridis = [33]uint32{
	0x440154, 0x470d60, 0x48186a, 0x482374, 0x472d7b, 0x453781, 0x424086, 0x3e4989,
	0x3b528b, 0x375b8d, 0x33638d, 0x2f6b8e, 0x2c728e, 0x297a8e, 0x26828e, 0x23898e,
	0x21918c, 0x1f988b, 0x1fa088, 0x22a785, 0x28ae80, 0x32b67a, 0x3fbc73, 0x4ec36b,
	0x5ec962, 0x70cf57, 0x84d44b, 0x98d83e, 0xaddc30, 0xc2df23, 0xd8e219, 0xece51b,
	0xfde725,
}

// shades is how many colours of a map are told apart. Neighbouring cells of one
// shade are one rectangle of an SVG.
const shades = 128

// A ColourMap holds the colours of a map for values from 0 to 1, as 0xRRGGBBAA.
type ColourMap [shades]uint32

func NewColourMap(anchors []uint32) *ColourMap {
	m := new(ColourMap)
	last := len(anchors) - 1
	for i := range m {
		at := float32(i) / (shades - 1) * float32(last)
		k := min(int(at), last-1)
		m[i] = blend(anchors[k], anchors[k+1], at-float32(k))<<8 | 0xff
	}
	return m
}

// At returns the colour of a value, at the nearest end if it is beyond one.
func (m *ColourMap) At(t float64) uint32 {
	return m[int(min(max(t, 0), 1)*(shades-1)+0.5)]
}

// blend mixes two colours 0xRRGGBB.
func blend(a, b uint32, t float32) uint32 {
	out := uint32(0)
	for shift := 16; shift >= 0; shift -= 8 {
		from, to := float32(a>>shift&255), float32(b>>shift&255)
		out = out<<8 | uint32(Mix(from, to, t)+0.5)
	}
	return out
}
