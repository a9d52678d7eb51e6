#!/usr/bin/perl
# A client from docs/PROTOCOL.md alone: signs on to a channel of suite 1 without field cipher, verifies one
# one-time code, signs off. Sockets and SHA-256 come with Perl; AES, for the wrapped keys, stands below.
#
#   verify.pl HOST PORT CHANNEL MASTER_KEY_HEX KEY_VERSION INSTITUTION CUSTOMER < CODE
#
# Prints the name of nothing: only "signed on" and the answer's number. Dies saying which rule the server broke.
use strict;
use warnings;
use Digest::SHA qw(hmac_sha256);
use IO::Socket::INET;

my ($host, $port, $channel, $master_hex, $version, $institution, $customer) = @ARGV;
defined $customer or die "usage: verify.pl HOST PORT CHANNEL MASTER_KEY_HEX KEY_VERSION INSTITUTION CUSTOMER\n";
chomp(my $code = <STDIN>);
my $master = pack('H*', $master_hex);
my $no_mac = "\0" x 16;
my %size = (    # §3: frame sizes by transaction and kind
    '16 3' => 128, '1 2' => 316, '769 2' => 162, '2 2' => 80,
);
my ($sequence, $heard) = (0, 0);
my ($session, $generation) = ("\0" x 8, $version);

my $socket = IO::Socket::INET->new(PeerAddr => $host, PeerPort => $port, Proto => 'tcp', Timeout => 10)
    or die "cannot connect\n";
binmode $socket;

# ---------------------------------------------------------------- AES-256, deciphering (FIPS 197)

my (@box, @inverse, @round_keys);

sub twice { my $x = shift() << 1; return $x & 256 ? $x ^ 0x11b : $x }

sub times_ {
    my ($x, $factor) = @_;
    my $product = 0;
    for (; $factor; $factor >>= 1) {
        $product ^= $x if $factor & 1;
        $x = twice($x);
    }
    return $product;
}

sub make_boxes {
    my ($p, $q) = (1, 1);    # p runs through the field, q through the inverses
    do {
        $p ^= twice($p);
        $q ^= $q << 1; $q ^= $q << 2; $q ^= $q << 4; $q &= 255;
        $q ^= 0x09 if $q & 128;
        my $x = $q;
        my $turned = $x;
        for (1 .. 4) { $turned = ($turned << 1 | $turned >> 7) & 255; $x ^= $turned }
        $box[$p] = $x ^ 0x63;
    } while $p != 1;
    $box[0] = 0x63;
    $inverse[ $box[$_] ] = $_ for 0 .. 255;
    return;
}

sub expand {
    my @key = unpack('N8', shift);
    my $constant = 1;
    for my $i (8 .. 59) {
        my $word = $key[ $i - 1 ];
        if ($i % 8 == 0) {
            $word = ($word << 8 | $word >> 24) & 0xffffffff;
        }
        if ($i % 4 == 0) {
            $word = unpack('N', pack('C4', map { $box[$_] } unpack('C4', pack('N', $word))));
        }
        if ($i % 8 == 0) {
            $word ^= $constant << 24;
            $constant = twice($constant);
        }
        push @key, $key[ $i - 8 ] ^ $word;
    }
    @round_keys = map { [ unpack('C16', pack('N4', @key[ 4 * $_ .. 4 * $_ + 3 ])) ] } 0 .. 14;
    return;
}

sub decipher {
    my @s = unpack('C16', shift);
    $s[$_] ^= $round_keys[14][$_] for 0 .. 15;
    for my $round (reverse 0 .. 13) {
        @s = map { $inverse[ $s[ ($_ - 4 * ($_ % 4)) % 16 ] ] } 0 .. 15;    # rows turned back, boxes
        $s[$_] ^= $round_keys[$round][$_] for 0 .. 15;
        next unless $round;
        for my $c (0, 4, 8, 12) {
            my @column = @s[ $c .. $c + 3 ];
            for my $r (0 .. 3) {
                $s[ $c + $r ] = times_($column[$r], 14) ^ times_($column[ ($r + 1) % 4 ], 11)
                    ^ times_($column[ ($r + 2) % 4 ], 13) ^ times_($column[ ($r + 3) % 4 ], 9);
            }
        }
    }
    return pack('C16', @s);
}

# RFC 3394 §2.2.2
sub unwrap {
    my ($wrapped) = @_;
    my ($a, @r) = unpack('(a8)*', $wrapped);
    my $n = @r;
    for my $step (reverse 1 .. 6 * $n) {
        my $i = ($step - 1) % $n;
        my $opened = decipher(($a ^ pack('N2', 0, $step)) . $r[$i]);
        ($a, $r[$i]) = unpack('a8 a8', $opened);
    }
    $a eq "\xa6" x 8 or die "a wrapped key does not open\n";
    return join '', @r;
}

# ---------------------------------------------------------------- keys (§5)

sub derive {
    my ($label, $context, $length) = @_;
    return substr hmac_sha256(pack('N', 1) . "$label\0$context" . pack('N', 8 * $length), $master), 0, $length;
}

sub working_key {
    my ($slot) = @_;    # 40 bytes wrapped, 1 length, 3 check value
    my ($wrapped, $length, $check) = unpack('a40 C a3', $slot);
    $length == 32 or die "a MAC key has 32 bytes in suite 1\n";
    my $key = unwrap($wrapped);
    substr(hmac_sha256('tigertally check value', $key), 0, 3) eq $check or die "wrong check value\n";
    return $key;
}

# ---------------------------------------------------------------- frames (§2)

sub mac { my ($data, $key) = @_; return substr hmac_sha256($data, $key), 0, 16 }

sub say_ {
    my ($transaction, $serial, $body, $key) = @_;
    my $header = pack('a2 C C N n C C N Q> Q> N N n C C a8 Q> n n',
        'TT', 1, 64, 64 + length($body) + 16, $transaction, 1, 0, $channel, $serial, 1000 * time, 0, 0,
        $generation, 1, 0, $session, ++$sequence, 1, int(time / 86400));
    print {$socket} $header . $body . mac($header . $body, $key) or die "cannot write\n";
    $socket->flush;
    return;
}

sub bytes {
    my ($count) = @_;
    my $data = '';
    while (length $data < $count) {
        read($socket, $data, $count - length $data, length $data) or die "the server hung up\n";
    }
    return $data;
}

# The next frame's fields; checked against what was asked, MACed under the key (none: the greeting).
sub hear {
    my ($key, $wanted, $serial) = @_;
    my $header = bytes(64);
    my ($magic, $version_, $length, $total, $transaction, $kind, undef, $of, $echoed, undef, $result, undef,
        $keys, $suite, $cipher, $id, $number) = unpack('a2 C C N n C C N Q> Q> N N n C C a8 Q>', $header);
    "$magic $version_ $length" eq 'TT 1 64' or die "no frame of version 1\n";
    die "rejected: $result\n" if $kind == 4;
    my $size = $size{"$transaction $kind"} or die "unexpected: transaction $transaction, kind $kind\n";
    $size == $total or die "wrong length\n";
    my $body = bytes($total - 80);
    my $mac = bytes(16);
    $number > $heard or die "sequence numbers must rise\n";
    $heard = $number;
    $transaction == $wanted or die "an answer to something else\n";
    if (defined $key) {
        mac($header . $body, $key) eq $mac or die "wrong MAC\n";
        $of == $channel && $echoed == $serial && $id eq $session && "$suite $cipher" eq '1 0'
            && $keys == $generation or die "not for this connection\n";
    }
    else {
        $mac eq $no_mac or die "a greeting has no MAC\n";
        $session = $id;
    }
    return ($result, $body);
}

# ---------------------------------------------------------------- the conversation

make_boxes();
my (undef, $greeting) = hear(undef, 0x10);
my $server_nonce = substr $greeting, 0, 16;
open my $random, '<:raw', '/dev/urandom' or die "no randomness\n";
read($random, my $client_nonce, 16) == 16 or die "no randomness\n";
read($random, my $drawn, 5) == 5 or die "no randomness\n";
my $serial = unpack('Q>', "\0\0\1$drawn");    # new for every request

my $context = pack('N', $channel) . $server_nonce . $session;
my $request_key = derive('tigertally sign-on request', $context, 32);
my $response_key = derive('tigertally sign-on response', $context, 32);
say_(1, $serial, $client_nonce . $server_nonce . pack('A32 n x6', 'a-stranger', 0), $request_key);
my ($result, $welcome) = hear($response_key, 1, $serial);
$result == 4 or die "not signed on: $result\n";
substr($welcome, 32, 16) eq $client_nonce or die "somebody else's welcome\n";
$generation = unpack('n', substr $welcome, 54, 2);
expand(derive('tigertally wrap',
    pack('N', $channel) . $client_nonce . $server_nonce . $session . pack('n', $generation), 32));
my $mac_request = working_key(substr $welcome, 60, 44);
my $mac_response = working_key(substr $welcome, 104, 44);
substr($welcome, 148, 88) eq "\0" x 88 or die "field keys without a field cipher\n";
print "signed on\n";

my $question = pack('A12 A32 A24 A32 A40 A10 x6 x32', $institution, $customer, '', '', '', $code);
say_(0x0301, $serial + 1, $question, $mac_request);
my ($answer) = hear($mac_response, 0x0301, $serial + 1);
print "answer $answer\n";

say_(2, $serial + 2, '', $mac_request);
my ($farewell) = hear($mac_response, 2, $serial + 2);
print "signed off\n" if $farewell == 5;
