// Command plain runs an hour of virtual time, and a panic, in an ordinary binary.
package main

import (
	"fmt"
	"time"

	"github.com/chaosrun/chaosrun/internal/bubble"
)

func main() {
	var took time.Duration
	err := bubble.Run(func() {
		start := time.Now()
		time.Sleep(time.Hour)
		took = time.Since(start)
	}, bubble.Options{})
	fmt.Println(took, err)
	fmt.Println(bubble.Run(func() { panic("contained") }, bubble.Options{}))
}
