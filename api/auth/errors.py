"""What can go wrong when somebody proves who they are."""

from wenyuan.errors import EndpointError, RateLimited, Unauthenticated, WenyuanError


class SignInRefused(Unauthenticated):
    """Unknown name, wrong password, no password, an account that may not sign in: all look the same."""

    code = "auth.sign_in_refused"
    zh = "用户名或密码不正确，或该账号现在不能登录。"
    en = "The name or the password is wrong, or the account may not sign in now."


class SignInThrottled(RateLimited):
    """Too many failures from this address for this name, or for many names."""

    code = "auth.throttled"
    zh = "登录失败次数过多，请在 {retry_after_s} 秒后重试。"
    en = "Too many failed attempts. Try again in {retry_after_s} seconds."


class SignInBusy(RateLimited):
    """More passwords wait to be checked than memory allows."""

    code = "auth.busy"
    zh = "登录请求过多，请稍后再试。"
    en = "Too many people are signing in. Try again in a moment."


class PasswordChangeRequired(WenyuanError):
    """An administrator set the password or demanded another one; first of all it has to be changed."""

    code = "auth.password_change_required"
    status = 403
    zh = "请先修改密码，然后才能继续。"
    en = "Change your password first."


class PasswordTooShort(WenyuanError):
    """Fewer characters than the policy asks for, or too few different ones."""

    code = "password.too_short"
    status = 422
    zh = "密码至少需要 {least} 个字符，其中至少 {distinct} 个不同的字符。可以用几个词组成的句子。"
    en = "A password has at least {least} characters, {distinct} of them different. A phrase of several words is fine."


class PasswordTooLong(WenyuanError):
    """More characters than are taken."""

    code = "password.too_long"
    status = 422
    zh = "密码最多 {most} 个字符。"
    en = "A password has at most {most} characters."


class PasswordTooCommon(WenyuanError):
    """A password that is guessed first: a common one, a row of keys, the user's own name."""

    code = "password.too_common"
    status = 422
    zh = "这个密码太容易被猜到（常用词、连续字符或包含用户名），请换一个。"
    en = "This password is guessed too easily (a common word, a row of keys, or your name). Choose another one."


class TokenScopeMissing(WenyuanError):
    """The token is valid, but was not made for this."""

    code = "auth.scope_missing"
    status = 403
    zh = "此令牌不包含所需的权限范围：{scope}。"
    en = "This token lacks the scope that is needed: {scope}."


class TokenOutlives(WenyuanError):
    """A token was to be made with another one that ends before it."""

    code = "auth.token_outlives"
    status = 403
    zh = "当前令牌在 {days} 天后到期，用它创建的令牌不能更晚到期（expires_in_days）。请缩短有效期，或登录网页后创建。"
    en = (
        "The token that you use ends in {days} days, and one made with it ends no later (expires_in_days). "
        "Ask for less, or sign in to the page and make it there."
    )


class CrossSite(WenyuanError):
    """A change asked for with a session's cookie, without the proof that the page itself asks."""

    code = "auth.cross_site"
    status = 403
    zh = "请求缺少页面校验信息（X-CSRF-Token）。请刷新页面后重试。"
    en = "The request lacks the page's proof (X-CSRF-Token). Reload the page and try again."


class ActAsRefused(WenyuanError):
    """Acting as others is off, or the caller may not, or there is no such account to act as: all look the same."""

    code = "auth.act_as_refused"
    status = 403
    zh = "不能以该账号的身份操作。"
    en = "You cannot act as that account."


class IssuerRefused(Unauthenticated):
    """What an issuer, or somebody in its name, sent does not hold; ``reason`` names the check."""

    code = "auth.issuer_refused"
    zh = "统一登录未通过校验（{reason}）。请重新登录；若持续出现，请联系管理员。"
    en = "Signing in at the identity provider did not pass a check ({reason}). Try again, or tell an administrator."


class AccountUnknown(WenyuanError):
    """The issuer knows the person, but no account here may be used for them."""

    code = "auth.account_unknown"
    status = 403
    zh = "身份已确认，但这里没有可用的账号。请联系管理员开通。"
    en = "You were identified, but there is no account for you here. Ask an administrator."


class IssuerUnavailable(EndpointError):
    """The issuer does not answer, or answers nonsense."""

    code = "auth.issuer_unavailable"
    zh = "统一登录服务暂时不可用（{reason}）。"
    en = "The identity provider is not available ({reason})."
