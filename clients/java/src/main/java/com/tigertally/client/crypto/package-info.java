/**
 * The algorithms of the wire: SM3, SM4 and what is built from block ciphers, by this library; SHA-256, AES and DES by the
 * platform's cryptography (JCE).
 *
 * <p>Knows no frames, no keys' meaning and no randomness. Objects that hold a key show nothing of it when printed. Not part of
 * what an application needs; public for those who write a transport of their own.
 */
package com.tigertally.client.crypto;
