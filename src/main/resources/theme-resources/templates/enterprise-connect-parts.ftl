<#-- A button that sends its form; the first of a form is the one that Enter presses. -->
<#macro button name label primary=false focused=false>
<button type="submit" name="${name}" id="enterprise-connect-${name}" value="true"<#if focused> autofocus</#if> class="${properties.kcButtonClass!} <#if primary>${properties.kcButtonPrimaryClass!}<#else>${properties.kcButtonSecondaryClass!(properties.kcButtonDefaultClass!)}</#if> ${properties.kcButtonLargeClass!}">${msg(label)}</button>
</#macro>

<#-- The buttons of a form, side by side. -->
<#macro actions>
<form action="${url.loginAction}" method="post" class="${properties.kcFormClass!} pf-v5-u-mt-md">
  <div class="${properties.kcFormGroupClass!}">
    <div class="${properties.kcFormActionGroupClass!(properties.kcFormButtonsClass!)}">
      <#nested>
    </div>
  </div>
</form>
</#macro>

<#-- One line of a list of terms. -->
<#macro term label>
<div class="pf-v5-c-description-list__group">
  <dt class="pf-v5-c-description-list__term"><span class="pf-v5-c-description-list__text">${msg(label)}</span></dt>
  <dd class="pf-v5-c-description-list__description"><div class="pf-v5-c-description-list__text"><#nested></div></dd>
</div>
</#macro>

<#-- Asks whoever has just authorized a link for one mailbox that proves it. -->
<#macro verification>
<#if verificationState??>
<section id="enterprise-connect-verification" class="pf-v5-u-mt-lg">
  <h2 class="pf-v5-c-title pf-m-lg">${msg("enterpriseConnectVerificationTitle")}</h2>
  <p id="enterprise-connect-verification-text" class="pf-v5-u-mt-sm">${msg("enterpriseConnectVerificationText", verificationDomains)}</p>
  <#if verificationProblem??>
    <p id="enterprise-connect-verification-problem" data-problem="${verificationProblem}" role="alert" class="pf-v5-u-mt-sm"><strong>${msg("enterpriseConnectVerificationProblem." + verificationProblem)}</strong></p>
  </#if>
  <form action="${verificationAction}" method="post" class="${properties.kcFormClass!} pf-v5-u-mt-md">
    <input type="hidden" name="state" value="${verificationState}">
    <div class="${properties.kcFormGroupClass!}">
      <label class="${properties.kcLabelClass!}" for="enterprise-connect-mailbox">${msg("enterpriseConnectVerificationMailbox")}</label>
      <span class="pf-v5-c-form-control pf-v5-u-mt-sm"><input type="email" id="enterprise-connect-mailbox" name="mailbox" maxlength="254" required autocomplete="off" spellcheck="false" aria-describedby="enterprise-connect-verification-text"></span>
    </div>
    <div class="${properties.kcFormGroupClass!} pf-v5-u-mt-md">
      <@button "begin" "enterpriseConnectVerificationBegin"/>
    </div>
  </form>
</section>
</#if>
</#macro>

<#macro time at><time datetime="${at.machine}">${at.shown}</time></#macro>
