//go:build linux && (amd64 || arm64)

package proctime_test

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chaosrun/chaosrun/internal/proctime"
)

// python returns a Python and what it is to import: litellm where the target of that name is
// installed, else much of the standard library.
func python(b *testing.B) (program, code string) {
	b.Helper()
	cache, err := os.UserCacheDir()
	if err == nil {
		program = filepath.Join(cmp.Or(os.Getenv("CHAOSRUN_HOME"), filepath.Join(cache, "chaosrun")), "targets",
			"litellm-router", "venv", "bin", "python")
	}
	if _, err := os.Stat(program); err == nil {
		return program, "import litellm"
	}
	if program, err = exec.LookPath("python3"); err != nil {
		b.Skip("there is no python3 on this machine")
	}
	return program, "import asyncio, concurrent.futures, ctypes, email.mime.text, http.client, http.server, " +
		"multiprocessing.pool, sqlite3, ssl, tkinter.constants, unittest.mock, urllib.request, xml.dom.minidom, " +
		"xmlrpc.client, logging.config, pydoc"
}

// BenchmarkImport compares the import of a large Python package in virtual time with a plain one.
// The ratio is that of the fastest of both; it is to be at most 1.3.
func BenchmarkImport(b *testing.B) {
	if err := supported(); err != nil {
		b.Skip(err)
	}
	b.Setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True") // it would ask the network while it is imported
	program, code := python(b)
	b.Log(program, code)
	plain, virtual := time.Hour, time.Hour
	var report proctime.Report
	for b.Loop() {
		began := time.Now()
		if out, err := exec.CommandContext(b.Context(), program, "-c", code).CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		plain = min(plain, time.Since(began))
		began = time.Now()
		exit, r, err := proctime.Run(b.Context(), proctime.Options{Command: []string{program, "-c", code}})
		if exit != 0 || err != nil {
			b.Fatal(exit, err)
		}
		virtual, report = min(virtual, time.Since(began)), r
	}
	b.ReportMetric(plain.Seconds(), "s/plain")
	b.ReportMetric(virtual.Seconds(), "s/virtual")
	b.ReportMetric(virtual.Seconds()/plain.Seconds(), "ratio")
	b.ReportMetric(float64(report.Reads), "clock-reads")
}
