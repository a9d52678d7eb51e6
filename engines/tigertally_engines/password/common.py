"""Passwords and PINs that everybody tries first, and those that Chinese customers like best. Common
knowledge, kept short: a bank adds its own list, of leaked ones say, by configuration.

Compared as `words` has it: case, look-alikes and digits hung on make no other word.
"""

from __future__ import annotations

from typing import Final

_WORDS: Final = """
password passwort passwd passw0rd pass1234 passcode secret letmein welcome login logon signin
admin administrator root toor master manager system sysadmin superuser guest default changeme
temp temporary test testing tester demo sample user username account access security secure
qwerty qwertyui qwertyuiop qwertz azerty asdf asdfgh asdfghjk asdfghjkl zxcvbn zxcvbnm qazwsx
qazwsxedc wsxedc 1qaz2wsx 1q2w3e4r 1q2w3e4r5t q1w2e3r4 zaq12wsx zaq1xsw2 1qazxsw2 qweasd
qweasdzxc qweqwe asdasd zxczxc abc123 abcd1234 abcdef abcdefgh a1b2c3d4 aa123456 a123456
a1234567 a12345678 123456a 123456aa 123456abc 12345678a 123456789a q123456 qq123456 w123456
z123456 123qwe 1234qwer qwer1234 qwe123 asd123 asdf1234 zxc123 123abc abc12345 123456 1234567
12345678 123456789 1234567890 0123456789 0987654321 987654321 87654321 654321 111111 222222
333333 444444 555555 666666 777777 888888 999999 000000 11111111 88888888 66666666 00000000
112233 11223344 121212 123123 123321 1234321 12344321 123654 147258 147258369 159357 159753
258369 321321 456456 456789 789456 789456123 741852 741852963 963852741 963852 852456 131313
232323 101010 202020 252525 454545 565656 696969 787878 989898 998877 100200 110110 110120
119119 120120 123698 12369874 142536 246810 13579 135792468 2468101214 31415926 314159 271828
5201314 1314520 520520 521521 520521 521125 5211314 7758521 7758258 584520 5845201314 1314521
201314 131420 168168 168888 888666 666888 886688 668866 518518 918918 778899 887766 889900
iloveyou iloveu loveyou ilovehim iloveher lovelove forever always mylove darling honey sweetheart
babygirl babyboy baby angel princess queen prince king sunshine rainbow flower butterfly diamond
monkey dragon tiger panda eagle falcon phoenix wolf lion bear horse dolphin turtle rabbit kitty
doggy puppy cookie chocolate banana orange apple cherry peach lemon pepper ginger coffee cheese
football baseball basketball soccer hockey golf tennis volleyball swimming running boxing
superman batman spiderman ironman hulk starwars startrek pokemon pikachu naruto mario zelda
matrix terminator ninja samurai warrior hunter ranger killer shadow ghost phantom devil heaven
michael jordan jennifer jessica ashley daniel andrew joshua matthew robert thomas william
charlie george nicole michelle amanda hannah samantha alexander anthony david john james
mustang ferrari porsche mercedes toyota honda yamaha harley corvette camaro
computer internet windows microsoft google facebook twitter linkedin samsung android iphone
samsung123 wechat weixin alipay taobao tencent baidu huawei xiaomi
trustno1 whatever nothing freedom liberty justice america london paris berlin tokyo moscow
china zhongguo beijing shanghai guangzhou shenzhen tianjin chongqing hongkong taiwan
summer winter spring autumn monday tuesday wednesday thursday friday saturday sunday january
february september october november december birthday christmas
money bank banker bankcard credit deposit saving cash rich lucky fortune golden silver
mima wodemima woaini woaini1314 woaini520 woaini521 woaiwo woaijia wozhidao woshishui nihao
nihaoma zhangwei wangwei wangfang lina zhangmin lijing wangjing liwei wangmin yangyang
laopo laogong baobei baobao qinaide xiaoxiao tiantian mingming tongtong dandan
密码 我的密码 我爱你 你好 中国 北京 上海 银行 生日快乐
"""

COMMON: Final = tuple(_WORDS.split())
