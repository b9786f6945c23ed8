package bubble_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/chaosrun/chaosrun/internal/bubble"
)

func TestInsideGinkgo(t *testing.T) {
	gomega.RegisterFailHandler(ginkgo.Fail)
	ginkgo.RunSpecs(t, "bubble")
}

var _ = ginkgo.Describe("a bubble inside a spec", func() {
	ginkgo.It("has virtual time", func() {
		start := time.Now()
		gomega.Expect(bubble.Run(func() { time.Sleep(time.Hour) }, bubble.Options{})).To(gomega.Succeed())
		gomega.Expect(time.Since(start)).To(gomega.BeNumerically("<", time.Hour))
	})
	ginkgo.It("brings a failing assertion back as an error", func() {
		err := bubble.Run(func() {
			g := gomega.NewGomega(func(string, ...int) { runtime.Goexit() })
			g.Expect(1).To(gomega.Equal(2))
		}, bubble.Options{})
		gomega.Expect(err).To(gomega.BeAssignableToTypeOf(&bubble.ExitError{}))
	})
})
