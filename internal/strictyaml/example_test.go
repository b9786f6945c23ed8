package strictyaml_test

import (
	"fmt"
	"time"

	"github.com/chaosrun/chaosrun/internal/strictyaml"
)

func ExampleParse() {
	doc, err := strictyaml.Parse("engine.yaml", []byte("stale: 10 sec\nprogres: content\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	engine := struct {
		Stale    time.Duration `yaml:"stale"`
		Progress string        `yaml:"progress"`
	}{Stale: time.Minute} // what the file leaves out stays as it is
	doc.Root().Decode(&engine)
	fmt.Println(doc.Err())
	// Output:
	// engine.yaml:1:8: "10 sec" is not a duration: write "10s"
	//     stale: 10 sec
	//            ^
	// engine.yaml:2:1: unknown key "progres" (did you mean "progress"?)
	//     progres: content
	//     ^
}
