package proctime_test

import (
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// execute makes machine code a function, and calls it.
func execute(code []byte) {
	page, err := unix.Mmap(-1, 0, os.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE|unix.PROT_EXEC,
		unix.MAP_ANON|unix.MAP_PRIVATE)
	must(err)
	copy(page, code)
	start := unsafe.Pointer(&page[0])
	value := unsafe.Pointer(&start)
	(*(*func())(unsafe.Pointer(&value)))()
}

// vsyscall asks the page at a fixed address for the time, as Go did before 1.16 if there was no
// vDSO.
func vsyscall() {
	maps, err := os.ReadFile("/proc/self/maps")
	must(err)
	if !strings.Contains(string(maps), "[vsyscall]") {
		fmt.Println("none")
		return
	}
	time.Sleep(sixty)
	var tv unix.Timeval
	code := []byte{0x48, 0xbf}                                           // mov rdi, &tv
	code = binary.LittleEndian.AppendUint64(code, uint64(address(&tv)))  //
	code = append(code, 0x31, 0xf6, 0x48, 0xb8)                          // xor esi, esi; mov rax, page
	code = binary.LittleEndian.AppendUint64(code, 0xffff_ffff_ff60_0000) //
	execute(append(code, 0xff, 0xd0, 0xc3))                              // call rax; ret
	fmt.Println(time.Since(time.Unix(tv.Sec, tv.Usec*1000)) < time.Second)
}

// otherArchitecture makes a system call of 32-bit programs: getpid by int 0x80.
func otherArchitecture() {
	execute([]byte{0x53, 0xb8, 0x14, 0, 0, 0, 0xcd, 0x80, 0x5b, 0xc3}) // push rbx; mov eax, 20; int 0x80; pop rbx; ret
}
