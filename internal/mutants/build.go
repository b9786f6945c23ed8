package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// A binary is the test binary of a room, with all mutants in it.
type binary struct {
	*schema
	path, scratch string
	// suite is the test that runs Ginkgo's specs, "" if there is none.
	suite string
	units []*unit
	// reached holds the units that reach each mutant, the fastest first.
	reached map[*mutant][]*unit
}

// build compiles the schema with the room's tests. It writes below scratch alone.
func (s *schema) build(ctx context.Context, root, scratch string) (*binary, error) {
	dir := filepath.Join(scratch, filepath.Base(s.code.room.dir))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	replace := map[string]string{}
	for name, data := range s.files {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			return nil, err
		}
		replace[filepath.Join(s.code.dir, name)] = path
	}
	data, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return nil, err
	}
	overlay := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(overlay, data, 0o600); err != nil {
		return nil, err
	}
	b := &binary{schema: s, path: filepath.Join(dir, "room.test"), scratch: dir}
	//nolint:gosec // our own
	cmd := exec.CommandContext(ctx, "go", "test", "-c", "-vet=off", "-overlay", overlay, "-o", b.path,
		"./"+s.code.room.dir)
	cmd.Dir = root
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s with its mutants: %w\n%s", s.code.room.dir, err, said.Bytes())
	}
	err = b.list(ctx)
	return b, err
}
