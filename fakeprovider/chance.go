package fakeprovider

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
)

// chance is one attempt's source of chance for one purpose. It depends on nothing but the seed, the provider, the attempt and
// the purpose, so no lane depends on the scheduling of another, nor a script on the padding of frames.
func (p *Provider) chance(purpose string, attempt int) *rand.Rand {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d\x00%s\x00%d\x00%s", p.o.Seed, p.o.Name, attempt, purpose))
	return rand.New(rand.NewPCG(binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:16])))
}

const (
	hexDigits = "0123456789abcdef"
	digits    = "0123456789"
	alphanum  = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	// base58 has no 0, O, I and l; Anthropic's ids are written in it.
	base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
)

// draw returns n letters of an alphabet.
func draw(r *rand.Rand, alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(b)
}
