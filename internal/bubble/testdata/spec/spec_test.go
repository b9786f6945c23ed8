// Package spec_test is a Ginkgo suite that uses bubbles. One of its specs is meant to fail.
package spec_test

import (
	"errors"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/chaosrun/chaosrun/internal/bubble"
)

func TestSpecs(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "bubble")
}

var _ = Describe("a bubble inside a spec", func() {
	It("has virtual time", func() {
		start := time.Now()
		Expect(bubble.Run(func() { time.Sleep(time.Hour) }, bubble.Options{})).To(Succeed())
		Expect(time.Since(start)).To(BeNumerically("<", time.Hour))
	})

	It("brings a panic back as an error", func() {
		var panicked *bubble.PanicError
		Expect(errors.As(bubble.Run(func() { panic("boom") }, bubble.Options{}), &panicked)).To(BeTrue())
	})

	It("is meant to fail", func() {
		err := bubble.Run(func() { Expect(1).To(Equal(2)) }, bubble.Options{})
		GinkgoWriter.Printf("came back: %T\n", err)
	})
})
