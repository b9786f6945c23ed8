// Package atomicfile writes files that are whole or not there. A program that is killed in the
// middle, or a disk that is full, leaves the file as it was before.
//
//	report.json            the old one, until Commit
//	.chaosrun-1f0c….part   the new one, until Commit renames it
//
// A killed program may leave the second one behind. It is safe to delete.
package atomicfile
