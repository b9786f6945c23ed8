// Package loopback lets TCP over loopback acknowledge at once.
//
// A writer without TCP_NODELAY holds its second small write back until the first is acknowledged,
// and the reader delays that acknowledgement by 40 ms. All threads sleep meanwhile although data is
// in flight, so a clock that jumps when all threads sleep would jump too early. A route with the
// metric quickack has no such delay.
package loopback
